//! The short code that a person types.

use std::fmt;

use habeas_domain::{Entropy, typed_digits};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::VaultError;

/// Eight decimal digits, about 26.6 bits: enough only together with few attempts and a short life, which the
/// challenge keeps. Only its [`CodeHash`](crate::CodeHash) is stored.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Code(String);

impl Code {
    /// Number of digits.
    pub const DIGITS: usize = 8;
    const COUNT: u32 = 100_000_000;
    /// Draws at or above this are thrown away, so that every code is equally likely.
    const FAIR: u32 = u32::MAX / Self::COUNT * Self::COUNT;

    /// A new code, every one equally likely.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut drawn = [0; 4];
        loop {
            entropy.fill(&mut drawn);
            let number = u32::from_be_bytes(drawn);
            if number < Self::FAIR {
                return Self(format!("{:08}", number % Self::COUNT));
            }
        }
    }

    /// Reads what a person typed: spaces and hyphens of any kind are skipped, full-width digits are digits. The
    /// error does not repeat the input.
    pub fn parse(typed: &str) -> Result<Self, VaultError> {
        typed_digits(typed, Self::DIGITS)
            .map(Self)
            .ok_or(VaultError::Malformed { what: "the code", expected: "eight digits" })
    }

    /// The digits, for the mail or the text message that carries them.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[code]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use habeas_domain::SeededEntropy;
    use proptest::prelude::*;

    #[test]
    fn what_people_type_is_understood() {
        for typed in
            ["01234567", " 0123 4567 ", "0123-4567", "０１２３　４５６７", "０１２３－４５６７", "0123ー4567"]
        {
            assert_eq!(Code::parse(typed).unwrap().expose(), "01234567", "{typed}");
        }
    }

    #[test]
    fn anything_else_is_refused_without_being_repeated() {
        let long = format!("{}01234567", " ".repeat(64));
        for typed in ["", "0123456", "012345678", "0123456a", "٠١٢٣٤٥٦٧", long.as_str()] {
            let error = Code::parse(typed).unwrap_err().to_string();
            assert_eq!(error, "the code is malformed: expected eight digits");
        }
    }

    #[test]
    fn every_first_digit_occurs() {
        let entropy = SeededEntropy::new(1);
        let mut seen = [false; 10];
        for _ in 0..1_000 {
            let first = Code::generate(&entropy).expose().chars().next().unwrap();
            seen[first.to_digit(10).unwrap() as usize] = true;
        }
        assert_eq!(seen, [true; 10]);
    }

    /// Gives one draw that would favour low codes, then a fair one.
    struct Unfair(std::sync::atomic::AtomicBool);

    impl Entropy for Unfair {
        fn fill(&self, bytes: &mut [u8]) {
            let first = !self.0.swap(true, std::sync::atomic::Ordering::Relaxed);
            let number = if first { Code::FAIR } else { Code::FAIR - 1 };
            bytes.copy_from_slice(&number.to_be_bytes());
        }
    }

    #[test]
    fn an_unfair_draw_is_thrown_away() {
        assert_eq!(Code::generate(&Unfair(false.into())).expose(), "99999999");
    }

    proptest! {
        #[test]
        fn a_generated_code_reads_back(seed: u64) {
            let code = Code::generate(&SeededEntropy::new(seed));
            prop_assert_eq!(Code::parse(code.expose()).unwrap(), code);
        }
    }
}
