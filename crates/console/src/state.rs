//! What every page can reach.

use std::{sync::Arc, time::Duration};

use axum::response::Response;
use chrono_tz::Tz;
use habeas_domain::Language;

use crate::{
    ConsoleError, ConsoleOptions, Desk, PackageBytes,
    limits::Limits,
    link::Link,
    notice::Notice,
    pages::{Page, Pages},
};

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub(crate) struct Console {
    pub(crate) desk: Arc<dyn Desk>,
    pub(crate) packages: Arc<dyn PackageBytes>,
    pub(crate) limits: Limits,
    pub(crate) settings: Settings,
    pages: Arc<Pages>,
}

/// The options that handlers read.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) time_zone: Tz,
    pub(crate) code_life: Duration,
    pub(crate) grant_life: Duration,
    pub(crate) time_limit: Duration,
    pub(crate) upload_limit: Duration,
    pub(crate) answer_step: Duration,
}

impl Console {
    pub(crate) fn new(
        desk: Arc<dyn Desk>,
        packages: Arc<dyn PackageBytes>,
        options: ConsoleOptions,
    ) -> Result<Self, ConsoleError> {
        Ok(Self {
            desk,
            packages,
            limits: Limits::new(options.limits),
            settings: Settings {
                time_zone: options.time_zone,
                code_life: options.code_life,
                grant_life: options.grant_life,
                time_limit: options.time_limit,
                upload_limit: options.upload_limit,
                answer_step: options.answer_step,
            },
            pages: Arc::new(Pages::new(options)?),
        })
    }

    /// The same with the time that a file may take.
    pub(crate) fn for_uploads(&self) -> Self {
        let settings = Settings { time_limit: self.settings.upload_limit, ..self.settings };
        Self { settings, ..self.clone() }
    }

    pub(crate) fn draw(&self, language: Language, page: Page) -> Response {
        self.pages.draw(language, page)
    }

    /// Counts a button pressed on a link.
    pub(crate) fn count(&self, link: &Link) -> Result<(), Notice> {
        let Some(link) = &link.0 else { return Ok(()) };
        self.limits.post_on(link).map_err(Notice::TooMany)
    }
}
