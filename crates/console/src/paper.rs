use chrono::{DateTime, Utc};
use habeas_domain::{PaperKind, paper::UploadRefused};

/// A paper that staff asked for, and that may be there by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedPaper {
    /// What it is to show.
    pub kind: PaperKind,
    /// The short form of the request's id.
    pub reference: String,
    /// When the link ends.
    pub until: DateTime<Utc>,
    /// When it was handed in, if it was: the link has done its work, and takes nothing more.
    pub given_at: Option<DateTime<Utc>>,
}

/// What became of a file that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandedPaper {
    /// It is kept until it is judged.
    Taken,
    /// It is not taken, and nothing of it is kept.
    Refused(UploadRefused),
    /// The link is used, over or made up.
    NotOpen,
}
