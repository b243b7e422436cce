//! Any channel's submission becomes a screened request.
