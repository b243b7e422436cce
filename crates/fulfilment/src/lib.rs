//! Fulfilment: find all of a person's keys, then let every store work alone, in parallel, many people per
//! statement; assemble what was copied, prove what was deleted.
//!
//! Three workers share one [`Fulfilment`]: [`ResolveWorker`], one [`TaskWorker`] per store, and [`ConcludeWorker`].

mod apart;
mod beside;
mod bucket;
mod conclude;
mod copy;
mod correction;
mod deletion;
mod ending;
mod error;
mod fulfilment;
mod further_keys;
mod group;
mod halving;
mod kept_before;
mod keys;
mod lead;
mod look_again;
mod new_address;
mod object;
mod on_file;
mod package_file;
mod plan;
pub mod preview;
mod question;
mod re_erase;
mod referral;
mod report;
mod resolve;
mod resolve_worker;
mod rest;
mod rest_told;
mod review;
mod sides;
mod spared;
mod spelling;
mod spool;
mod stores;
mod task_worker;
mod terms;
mod warned;
mod whole_holds;
mod withheld;

pub use bucket::{Bucket, BucketError};
pub use conclude::ConcludeWorker;
pub use error::{FulfilmentError, JsonProblem};
pub use fulfilment::{Controller, Fulfilment, FulfilmentOptions};
pub use keys::KeyBook;
pub use object::{ObjectError, Objects};
pub use on_file::{AskableField, FileRoom, HeldFacts, is_own_phone};
pub use package_file::open_package;
pub use plan::{OtherValue, PlanDetail, PlannedChange, UnmetCorrection};
pub use preview::{Preview, PreviewOptions, preview};
pub use re_erase::{Begun, ReErase, begin_re_erase, re_erase};
pub use report::{CollectionReport, Segment, TaskDetail};
pub use resolve::{Person, Resolved, resolve};
pub use resolve_worker::ResolveWorker;
pub use rest::Owed;
pub use review::Review;
pub use stores::{StoreHandle, Stores};
pub use task_worker::TaskWorker;
pub use terms::Terms;
pub use whole_holds::WholeHolds;
