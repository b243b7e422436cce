use crate::Actor;

/// Who hands a submission in, and whether the law that it names is their word. Where it is not, the law is what somebody
/// claims who has proven nothing: it may raise what proof of identity takes, and never lower it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submitter {
    /// Who, for audit trails.
    pub actor: Actor,
    /// Whether they may say which law applies: staff, who may approve what comes of it. A form, another system or a mail
    /// passes on what a person wrote.
    pub chooses_law: bool,
}

impl Submitter {
    /// Somebody who may say which law applies.
    pub const fn who_chooses_the_law(actor: Actor) -> Self {
        Self { actor, chooses_law: true }
    }
}

impl From<Actor> for Submitter {
    /// Somebody who passes on what a person wrote.
    fn from(actor: Actor) -> Self {
        Self { actor, chooses_law: false }
    }
}
