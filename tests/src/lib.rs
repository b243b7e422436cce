//! A company with people in its stores, a deployment of Habeas over several processes, and people who answer mail:
//! what the tests of the whole system share.

pub mod account;
pub mod attack;
pub mod campaign;
pub mod company;
pub mod crowd;
pub mod house;
pub mod memory;
pub mod opened;
pub mod people;
pub mod spy;
