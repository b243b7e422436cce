//! Papers: documents that are given as evidence on a request. Their bytes lie sealed in a table of their own, and are
//! deleted in the transaction that decides about them, or when the request closes, or when their time is over.

mod ask;
mod end;
mod give;
mod judge;
mod look;
mod row;
mod scrub;
mod view;

pub use ask::PaperAsk;
pub use scrub::judged_papers_leave_nothing;
pub(crate) use view::read_all;
pub use view::{PaperDetail, PaperView};
