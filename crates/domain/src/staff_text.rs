//! What staff write: each text is cleaned and bounded by a type of its own, so that every door takes the same.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::text::{TextProblem, TextRule, clean_text};

macro_rules! staff_texts {
    ($($(#[$doc:meta])* $name:ident: $rule:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// What it takes.
            pub const RULE: TextRule = $rule;

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = TextProblem;
            fn from_str(raw: &str) -> Result<Self, TextProblem> {
                clean_text(raw, Self::RULE).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

staff_texts! {
    /// What a token is called, such as what it is used for.
    TokenName: TextRule::line(100);
    /// Who holds a token: a member of staff, or a system. Whatever one holder does with several tokens one person did.
    Holder: TextRule::line(100);
    /// Why the last day moves, as the person is told.
    ExtensionReason: TextRule::line(500);
    /// What staff add to the letter of a refusal.
    RefusalNote: TextRule::lines(1_000);
}

impl Holder {
    /// Whether `name` names this holder too: neither case, width nor spaces make somebody else.
    pub fn is(&self, name: &str) -> bool {
        folded(&self.0) == folded(name)
    }
}

fn folded(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_has_its_bound() {
        assert_eq!(" crm ".parse::<TokenName>().map(|name| name.to_string()), Ok("crm".to_owned()));
        assert!("x".repeat(101).parse::<Holder>().is_err());
        for wrong in ["", " \u{200b}", "a\0b", "a\nb"] {
            assert!(wrong.parse::<ExtensionReason>().is_err(), "{wrong:?}");
        }
        assert!("x".repeat(10_000_000).parse::<ExtensionReason>().is_err());
        assert_eq!("a\r\nb\u{202e}".parse::<RefusalNote>().map(|note| note.0), Ok("a\nb".to_owned()));
    }

    #[test]
    fn spelling_makes_nobody_else() {
        let holder: Holder = "Aoki Ken".parse().expect("a holder");
        for same in ["Aoki Ken", "aoki ken", " Aoki  Ken", "\u{ff21}oki\u{3000}Ken"] {
            assert!(holder.is(same), "{same:?}");
        }
        assert!(!holder.is("Aoki Kenji"));
    }
}
