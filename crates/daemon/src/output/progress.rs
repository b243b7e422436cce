//! Progress on standard error, for long work that a person watches.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::context::Context;

/// How far something is. Shows nothing unless a terminal watches.
#[derive(Debug, Clone)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Work of so many pieces; of unknown size without a number.
    pub(crate) fn new(context: &Context, pieces: Option<u64>) -> Self {
        if !context.watched {
            return Self(ProgressBar::hidden());
        }
        let bar = pieces.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let template = if pieces.is_some() { "{bar:30} {pos}/{len} {msg}" } else { "{spinner} {msg}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    /// Says what is being done.
    pub(crate) fn say(&self, text: impl Into<String>) {
        self.0.set_message(text.into());
    }

    /// So many pieces are done.
    pub(crate) fn advance(&self, pieces: u64) {
        self.0.inc(pieces);
    }

    /// One piece is done.
    pub(crate) fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
