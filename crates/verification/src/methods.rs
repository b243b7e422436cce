//! The ways to show more than that an address is one's own. Each is one small module behind [`Way`].
//!
//! None of them tells anybody whether the stores know the person: what is offered depends on the installation and on the
//! request's policy alone, and whoever is not known meets the same pages, at the same pace, and passes none.

mod declaration;
mod recent_dealings;
mod sign_in;
mod sms_code;

use async_trait::async_trait;
use habeas_domain::{
    Bilingual, Personal,
    verification::{EvidenceOutcome, Method, Typed, VerificationPolicy},
};
use habeas_ledger::OpenRequest;
use habeas_vault::Code;
use uuid::Uuid;

pub use declaration::Declared;
pub use jsonwebtoken::Algorithm as SignInAlgorithm;
pub use recent_dealings::RecentDealings;
pub use sign_in::{SignIn, SignInError, SignInKeys, SignInOptions};
pub use sms_code::{GatewayError, HttpGateway, SmsCode, SmsGateway, SmsWording};

use crate::DeskError;

/// Whose proof it is.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The request with what the person said. Its address is proven.
    pub request: &'a OpenRequest,
    /// What it takes.
    pub policy: &'a VerificationPolicy,
}

/// What a page shows for a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// A field for a code.
    Code,
    /// Questions, one field each.
    Questions(Vec<Bilingual>),
    /// Something to declare.
    Statement,
    /// Where to sign in.
    SignIn(Personal<String>),
}

/// What a person hands in.
#[derive(Debug, Clone)]
pub enum HandedIn {
    /// A code.
    Code(Code),
    /// Answers, in the order of the questions.
    Answers(Vec<Typed>),
    /// That they declare it.
    Declared,
    /// The token of the company's sign-in.
    SignIn(Personal<String>),
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A stored challenge was met; using it up is the proof.
    Met(Uuid),
    /// Something was shown or not.
    Shown {
        /// Which of the two.
        outcome: EvidenceOutcome,
        /// How many answers were right.
        answers: u32,
    },
    /// Nothing worth recording.
    Nothing,
}

/// A way to show who one is.
#[async_trait]
pub trait Way: Send + Sync + 'static {
    /// Which one.
    fn method(&self) -> Method;

    /// Whether this installation can offer it under `policy`, to anybody.
    fn is_offered(&self, policy: &VerificationPolicy) -> bool {
        policy.counts(self.method())
    }

    /// Does what has to be done before anything can be shown, such as sending a code.
    async fn begin(&self, case: Case<'_>) -> Result<(), DeskError>;

    /// What the page shows. Changes nothing and asks no store.
    async fn offer(&self, case: Case<'_>) -> Result<Offered, DeskError>;

    /// Judges what was handed in. Counted before it is judged.
    async fn judge(&self, case: Case<'_>, shown: HandedIn) -> Result<Verdict, DeskError>;
}
