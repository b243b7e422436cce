//! Faults that the whole system must survive, each with its account: nothing lost, nothing doubled, nothing crossed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

mod recovery {
    mod broker;
    mod campaigns;
    mod failpoints;
    mod legal_date;
    mod mail_server;
    mod mailbox;
    mod network;
    mod processes;
    mod routing;
    mod shutdown;
    mod state_database;
    mod stores;
    mod upgrade;
}
