//! Private servers for tests, a daemon under test, and a person who answers mail.
