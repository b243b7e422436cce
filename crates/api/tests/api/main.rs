//! The API over a ledger on SQLite.

#[cfg(test)]
mod agents;
#[cfg(test)]
mod bad_addresses;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod document;
#[cfg(test)]
mod fits;
#[cfg(test)]
mod health;
#[cfg(test)]
mod held;
mod holds;
#[cfg(test)]
mod mails;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod papers;
#[cfg(test)]
mod ports;
#[cfg(test)]
mod requests;
mod stores;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod world;
