//! One file per route, in the order of the document.

pub(crate) mod accept_part;
pub(crate) mod agents;
pub(crate) mod approve;
pub(crate) mod audit;
pub(crate) mod clear_review;
pub(crate) mod dead_letters;
pub(crate) mod extend;
pub(crate) mod find;
pub(crate) mod list;
pub(crate) mod parked;
pub(crate) mod plan;
pub(crate) mod refuse;
pub(crate) mod regimes;
pub(crate) mod requeue;
pub(crate) mod revive;
pub(crate) mod settle_dispute;
pub(crate) mod show;
pub(crate) mod submit;
pub(crate) mod token_create;
pub(crate) mod token_list;
pub(crate) mod token_revoke;
pub(crate) mod withdraw;
pub(crate) mod work;
