//! What an attacker is after, of the rights that give whoever asks a copy.

/// A right whose answer is a copy. Whatever stops a thief of the one has to stop a thief of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// A copy of all that is held.
    Access,
    /// What the person provided, in a form that can be taken elsewhere.
    Portability,
}

impl Aim {
    /// The right's name, as requests spell it.
    pub const fn right(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Portability => "portability",
        }
    }

    /// What a person writes who wants it.
    pub const fn ask(self) -> &'static str {
        match self {
            Self::Access => {
                "Under the GDPR, please send me a copy of all personal data that you hold about me."
            }
            Self::Portability => {
                "Under Article 20 of the GDPR I request data portability: send me my data in a machine-readable format."
            }
        }
    }
}
