//! Fulfilment over real stores: from proven keys to packages, proofs and letters.

mod access;
mod agreement;
mod company;
mod convergence;
mod correction;
mod deferred;
mod deletion;
mod graphs;
mod memory;
mod post;
mod refusals;
mod resolve;
mod spools;
mod wrapped;
