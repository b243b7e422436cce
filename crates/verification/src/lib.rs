//! Proving who a person is: a mail to the address that the request names, with a link to press a button on and a
//! code to type; and, where a request takes more, further [`methods`].
//!
//! [`ChallengeWorker`] makes the first mail of a request; [`Desk`] serves the pages that the person comes to; both
//! make their links and codes in [`Challenges`]. The first step does not ask whether any store knows the address; the
//! second asks [`on_file`] and tells nobody. No answer of the desk tells whether a request exists.

mod anew;
mod challenges;
mod desk;
mod grant;
mod guardians;
mod links_again;
mod look_ups;
pub mod methods;
mod notices;
pub mod on_file;
mod options;
mod papers;
mod renew;
mod worker;

pub use anew::AskAnew;
pub use challenges::{Challenges, HashedCode};
pub use desk::{
    Another, CodeAnswer, Confirmation, Desk, DeskError, DownloadAnswer, LinkState, OnFileAnswer, PackagePage,
    SecondStep, Shown, Whose,
};
pub use grant::Grant;
pub use guardians::Guardians;
pub use habeas_ledger::StopStanding;
pub use links_again::LinksAgain;
pub use look_ups::LookUpWorker;
pub use options::VerificationOptions;
pub use papers::{HandIn, PaperDesk, PaperOptions};
pub use renew::RenewLinks;
pub use worker::ChallengeWorker;
