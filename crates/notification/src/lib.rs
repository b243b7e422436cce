//! Mails: templates, languages, transports and delivery state.
