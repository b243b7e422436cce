//! Mails that the server does not give, remembered from one connection to the next.

use std::time::Duration;

use tokio::time::Instant;

use super::fetch::Lying;

/// How often a mail is asked for alone before it is left where it is.
const TRIES: u32 = 3;

/// Which mails could not be had. One that makes the server fail must not keep those behind it waiting for ever.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    uidvalidity: u32,
    /// Up to this UID mails are asked for one by one: one of them could not be had.
    one_by_one: u32,
    alone: Option<Alone>,
}

/// A mail that could not be had although it was asked for alone.
#[derive(Debug)]
struct Alone {
    uid: u32,
    tries: u32,
    since: Instant,
    about: Option<Lying>,
}

/// A mail that has to be left where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GivenUp {
    pub(super) uid: u32,
    /// What is known of it.
    pub(super) about: Option<Lying>,
}

impl Trouble {
    /// Goes on with a folder; what is known of UIDs of another validity is forgotten.
    pub(super) fn of(&mut self, uidvalidity: u32) {
        if self.uidvalidity != uidvalidity {
            *self = Self { uidvalidity, ..Self::default() };
        }
    }

    /// How many mails may be asked for together, the first of which has this UID.
    pub(super) const fn at_once(&self, first: u32, most: usize) -> usize {
        if first <= self.one_by_one { 1 } else { most }
    }

    /// These could not be had, or one of them.
    pub(super) fn failed(&mut self, uids: &[u32], now: Instant) {
        self.one_by_one = uids.iter().copied().fold(self.one_by_one, u32::max);
        let [uid] = *uids else { return };
        match &mut self.alone {
            Some(alone) if alone.uid == uid => alone.tries += 1,
            alone => *alone = Some(Alone { uid, tries: 1, since: now, about: None }),
        }
    }

    /// What is known of a mail, for when it has to be left where it is.
    pub(super) fn about(&mut self, mail: Lying) {
        if let Some(alone) = self.alone.as_mut().filter(|alone| alone.uid == mail.uid) {
            alone.about = Some(mail);
        }
    }

    /// A mail that was asked for often enough, over so long.
    pub(super) fn given_up(&self, uid: u32, patience: Duration, now: Instant) -> Option<GivenUp> {
        let alone = self.alone.as_ref().filter(|alone| alone.uid == uid)?;
        (alone.tries >= TRIES && now.duration_since(alone.since) >= patience)
            .then_some(GivenUp { uid, about: alone.about })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_given_up_after_tries_alone_and_some_time() {
        let (patience, start) = (Duration::from_mins(10), Instant::now());
        let mut trouble = Trouble::default();
        trouble.of(7);
        assert_eq!(trouble.at_once(1, 200), 200);
        trouble.failed(&[1, 2, 3], start);
        assert_eq!((trouble.at_once(3, 200), trouble.at_once(4, 200)), (1, 200));
        let late = start + patience;
        for _ in 0..TRIES {
            assert!(trouble.given_up(2, patience, late).is_none());
            trouble.failed(&[2], start);
        }
        assert!(trouble.given_up(2, patience, start).is_none(), "the server may be ill for a while");
        assert_eq!(trouble.given_up(2, patience, late), Some(GivenUp { uid: 2, about: None }));
        assert!(trouble.given_up(3, patience, late).is_none());
        trouble.of(8);
        assert!(trouble.given_up(2, patience, late).is_none());
        assert_eq!(trouble.at_once(1, 200), 200);
    }
}
