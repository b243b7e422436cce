//! Papers: documents that are given as evidence on a request. They are the last resort. A paper is kept sealed while
//! it waits for the judgement of two people, and its bytes are destroyed with the decision; that it was there, what it
//! was and who judged it stays. Nothing here opens, draws or unpacks one.

mod judgement;
mod kind;
mod state;
mod upload;

pub use judgement::{
    Judgement, PaperDecision, PaperRefused, UnknownPaperDecision, Whose, decided, may_judge,
};
pub use kind::{PaperKind, UnknownPaperKind};
pub use state::{PaperEvent, PaperState};
pub use upload::{LARGEST, UploadRefused, media_type};
