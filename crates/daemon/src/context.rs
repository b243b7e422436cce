//! What every command is handed.

use std::{io::IsTerminal, sync::Arc};

use habeas_config::{Loaded, Sources};
use habeas_domain::{Clock, Entropy, Ids, SystemClock, SystemEntropy};

use crate::{
    cli::{ColorChoice, GlobalArgs, OutputFormat},
    failure::Failure,
};

/// The caller's wishes, and where time and randomness come from.
#[derive(Clone)]
pub(crate) struct Context {
    /// Where the configuration is looked for.
    pub(crate) sources: Sources,
    /// How to print.
    pub(crate) output: OutputFormat,
    /// Whether to use colours.
    pub(crate) color: bool,
    /// Whether a person watches: progress is shown on standard error.
    pub(crate) watched: bool,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Randomness.
    pub(crate) entropy: Arc<dyn Entropy>,
}

impl Context {
    pub(crate) fn new(global: &GlobalArgs) -> Self {
        let terminal = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self {
            sources: Sources::of_process(global.config.clone()),
            output: global.output,
            color: match global.color {
                ColorChoice::Auto => terminal && global.output == OutputFormat::Table,
                ColorChoice::Always => true,
                ColorChoice::Never => false,
            },
            watched: std::io::stderr().is_terminal(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
        }
    }

    /// The configuration in force.
    pub(crate) fn load(&self) -> Result<Loaded, Failure> {
        Ok(self.sources.load()?)
    }

    /// Makes ids.
    pub(crate) fn ids(&self) -> Ids {
        Ids::new(Arc::clone(&self.clock), Arc::clone(&self.entropy))
    }

    /// Whether programs read what is printed.
    pub(crate) fn is_json(&self) -> bool {
        self.output == OutputFormat::Json
    }
}
