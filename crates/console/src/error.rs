/// Why the pages cannot be built. Only a broken template does this, which a test excludes.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// A template does not parse.
    #[error("a page template is broken")]
    Template(#[from] minijinja::Error),
}
