//! Tokens in our mails that say which request an answer, or which mail a report, belongs to.

use std::fmt;

use habeas_domain::{MailId, RequestId, TypedId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    VaultError,
    derive::{Purpose, subkey},
    ring::RingKey,
    secret::Secret,
};

/// What a token names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ThreadOf {
    /// A request: answers go to it.
    Request(RequestId),
    /// One of our mails: answers to it and reports about it name it.
    Mail(MailId),
}

impl ThreadOf {
    const fn letter(self) -> char {
        match self {
            Self::Request(_) => 'r',
            Self::Mail(_) => 'm',
        }
    }

    fn uuid(self) -> Uuid {
        match self {
            Self::Request(id) => id.uuid(),
            Self::Mail(id) => id.uuid(),
        }
    }
}

/// An id and the first 80 bits of its HMAC-SHA256 (RFC 2104, section 5): one letter for what is named, then 42
/// characters of base32 (RFC 4648) in lower case. It fits the part before the `@` of an address (64 bytes, RFC 5321)
/// beside a name of 20, and survives mail systems that change the case.
///
/// It opens nothing. Whoever has it can have a mail shown beside a request, and nothing more.
#[derive(Clone, PartialEq, Eq)]
pub struct ThreadToken(String);

impl ThreadToken {
    /// Length of the text form in characters.
    pub const TEXT_LEN: usize = 1 + ((ID_LEN + TAG_LEN) * 8).div_ceil(5);

    /// The text, for an address or a Message-ID.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ThreadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[thread token]")
    }
}

/// The keys that tokens are made and read under, one per signing key of the ring.
#[derive(Debug)]
pub(crate) struct ThreadKeys {
    active: Secret,
    all: Vec<Secret>,
}

impl ThreadKeys {
    pub(crate) fn derive(active: &RingKey, all: &[RingKey]) -> Result<Self, VaultError> {
        let derive = |key: &RingKey| subkey(key.secret(), Purpose::Thread);
        Ok(Self { active: derive(active)?, all: all.iter().map(derive).collect::<Result<_, _>>()? })
    }

    pub(crate) fn token(&self, of: ThreadOf) -> ThreadToken {
        let mut bytes = [0; ID_LEN + TAG_LEN];
        let (id, tag) = bytes.split_at_mut(ID_LEN);
        id.copy_from_slice(of.uuid().as_bytes());
        tag.copy_from_slice(&make_tag(&self.active, of));
        ThreadToken(format!("{}{}", of.letter(), encode(&bytes)))
    }

    /// Looks at every key, whichever fits, and compares in constant time.
    pub(crate) fn read(&self, text: &str) -> Option<ThreadOf> {
        if text.len() != ThreadToken::TEXT_LEN || !text.is_ascii() {
            return None;
        }
        let (letter, rest) = text.split_at_checked(1)?;
        let bytes = decode(rest)?;
        let (id, tag) = bytes.split_at_checked(ID_LEN)?;
        let id = Uuid::from_slice(id).ok()?;
        let of = match letter {
            "r" | "R" => ThreadOf::Request(RequestId::from_uuid(id)),
            "m" | "M" => ThreadOf::Mail(MailId::from_uuid(id)),
            _ => return None,
        };
        let fits =
            self.all.iter().fold(subtle::Choice::from(0), |fits, key| fits | make_tag(key, of).ct_eq(tag));
        bool::from(fits).then_some(of)
    }
}

const ID_LEN: usize = 16;
const TAG_LEN: usize = 10;

fn make_tag(key: &Secret, of: ThreadOf) -> [u8; TAG_LEN] {
    // HMAC fills a short key up with zeros (RFC 2104, section 2).
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key.bytes()) {
        *to = *from;
    }
    let mac = Hmac::<Sha256>::new((&*block).into())
        .chain_update([of.letter() as u8])
        .chain_update(of.uuid().as_bytes());
    let whole: [u8; 32] = mac.finalize().into_bytes().into();
    let mut tag = [0; TAG_LEN];
    for (to, from) in tag.iter_mut().zip(whole) {
        *to = from;
    }
    tag
}

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter_of(held >> bits));
        }
    }
    if bits > 0 {
        text.push(letter_of(held << (5 - bits)));
    }
    text
}

fn letter_of(five: u32) -> char {
    ALPHABET.get((five & 31) as usize).map_or('a', |letter| char::from(*letter))
}

/// Nothing unless `text` is the one text of its bytes, but for the case.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let five = ALPHABET.iter().position(|known| *known == letter.to_ascii_lowercase())?;
        held = (held << 5) | u32::try_from(five).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits).to_be_bytes()[3]);
            held &= (1 << bits) - 1;
        }
    }
    // What is left over carries nothing, so that one token has one text.
    (held == 0 && bits < 5).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use habeas_domain::{ManualClock, SeededEntropy};
    use proptest::prelude::*;

    use super::*;
    use crate::KeyRing;

    fn clock() -> ManualClock {
        ManualClock::new(chrono::DateTime::UNIX_EPOCH)
    }

    fn keys(ring: &KeyRing) -> ThreadKeys {
        ThreadKeys::derive(ring.active_signing().unwrap(), ring.signing()).unwrap()
    }

    fn ring(seed: u64) -> KeyRing {
        KeyRing::generate(&SeededEntropy::new(seed), &clock())
    }

    fn of(letter: bool, id: u128) -> ThreadOf {
        let id = Uuid::from_u128(id);
        if letter {
            ThreadOf::Request(RequestId::from_uuid(id))
        } else {
            ThreadOf::Mail(MailId::from_uuid(id))
        }
    }

    proptest! {
        #[test]
        fn a_token_is_read_back_in_any_case(letter: bool, id: u128) {
            let (keys, of) = (keys(&ring(1)), of(letter, id));
            let token = keys.token(of);
            prop_assert_eq!(token.as_str().len(), ThreadToken::TEXT_LEN);
            prop_assert_eq!(keys.read(token.as_str()), Some(of));
            prop_assert_eq!(keys.read(&token.as_str().to_uppercase()), Some(of));
        }

        #[test]
        fn a_changed_token_is_refused(id: u128, at in 0..ThreadToken::TEXT_LEN, put in "[a-z2-7]") {
            let keys = keys(&ring(1));
            let token = keys.token(of(true, id));
            let mut changed = token.as_str().to_owned();
            changed.replace_range(at..=at, &put);
            prop_assert_eq!(keys.read(&changed).is_some(), changed == token.as_str());
        }

        #[test]
        fn nothing_made_up_is_accepted(text in "\\PC{0,60}", made_up in "[rm][a-z2-7]{42}") {
            let keys = keys(&ring(1));
            prop_assert_eq!(keys.read(&text), None);
            prop_assert_eq!(keys.read(&made_up), None);
        }

        #[test]
        fn another_ring_makes_other_tokens(id: u128) {
            let token = keys(&ring(2)).token(of(true, id));
            prop_assert_eq!(keys(&ring(1)).read(token.as_str()), None);
        }
    }

    #[test]
    fn a_rotated_key_makes_new_tokens_and_still_reads_the_old() {
        let mut ring = ring(1);
        let old = keys(&ring).token(of(true, 7));
        ring.rotate_signing(&SeededEntropy::new(9), &clock());
        let keys = keys(&ring);
        assert_ne!(keys.token(of(true, 7)), old);
        assert_eq!(keys.read(old.as_str()), Some(of(true, 7)));
    }

    #[test]
    fn a_mail_does_not_pass_as_a_request() {
        let keys = keys(&ring(1));
        let token = keys.token(of(false, 7)).as_str().replacen('m', "r", 1);
        assert_eq!(keys.read(&token), None);
    }

    #[test]
    fn the_last_letter_has_no_second_form() {
        assert_eq!(encode(b"foobar"), "mzxw6ytboi");
        assert_eq!(decode("mzxw6ytboi").unwrap(), b"foobar");
        assert_eq!(decode("mzxw6ytboj"), None);
    }

    #[test]
    fn debug_tells_nothing() {
        assert_eq!(format!("{:?}", keys(&ring(1)).token(of(true, 7))), "[thread token]");
    }
}
