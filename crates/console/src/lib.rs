//! The pages a person sees: confirm a request, type a code, fetch a package.
//!
//! Server-rendered, in English and Japanese, without scripts. GET and HEAD change nothing, since mail scanners
//! follow links. A link that is used, over, mistyped or made up gives one and the same page. What has to be known
//! or done is asked of two narrow traits that the daemon hands in: [`Desk`] and [`PackageBytes`].

mod desk;
mod error;
mod form;
mod guard;
mod handlers;
mod limits;
mod link;
mod notice;
mod options;
mod package_bytes;
mod pages;
mod paper;
mod router;
mod same_origin;
mod second_step;
mod size;
mod state;
mod steady;
mod stylesheet;
mod typed_code;

pub use desk::{Confirmation, Desk, GrantText, Granted, Offer, Proof, Redeemed};
pub use error::ConsoleError;
pub use link::LinkSecret;
pub use options::{ConsoleOptions, RateLimits};
pub use package_bytes::{PackageBytes, PackageStream};
pub use paper::{HandedPaper, WantedPaper};
pub use router::router;
pub use second_step::{Another, AskedFor, HandedIn, Progress, SecondStep};
pub use typed_code::TypedCode;
