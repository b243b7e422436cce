//! The pages a person sees: confirm, status, download.
