//! What the person's pages ask for, answered by verification, the ledger and the object store.

mod answers;
mod desk;
mod packages;
mod renewals;

pub(crate) use desk::PersonDesk;
pub(crate) use packages::SealedPackages;
pub(crate) use renewals::Renewals;
