//! The commands, one per file or folder.

pub(crate) mod agent;
pub(crate) mod audit;
pub(crate) mod config;
pub(crate) mod dead_letter;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod generate;
pub(crate) mod hold;
pub(crate) mod mail;
pub(crate) mod migrate;
pub(crate) mod regime;
pub(crate) mod request;
pub(crate) mod serve;
pub(crate) mod store;
pub(crate) mod task;
pub(crate) mod token;
pub(crate) mod vault;
