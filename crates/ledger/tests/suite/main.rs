//! The ledger's behaviour: one suite, run on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test that calls them")]

/// Runs each test on both databases.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name($crate::world::World::sqlite().await).await;
            })*
        }
        mod postgresql {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name($crate::world::World::postgresql().await).await;
            })*
        }
    };
}

mod agent_packages;
mod agents;
mod agents_barred;
mod agents_proving;
mod approvals;
mod audit;
mod children;
mod children_by_agent;
mod closings;
mod copies;
mod correspondence;
mod disputes;
mod evidence;
mod failing;
mod findings;
mod history;
mod holds;
mod holds_lifted;
mod holds_whole;
mod identity;
mod inbox;
mod intake;
mod lapsing;
mod leases;
mod legal_dates;
mod life;
mod lists;
mod mails;
mod mails_for_staff;
mod mandates;
mod new_addresses;
mod packages;
mod paper_ends;
mod papers;
mod purge;
mod random;
mod re_erasings;
mod receipts;
mod replies;
mod resuming;
mod rewrap;
mod samples;
mod secrecy;
mod stale;
mod steps;
mod stopped_twice;
mod tampering;
mod threads;
mod tokens;
mod unasked;
mod undelivered;
mod unreadable;
mod warnings;
mod withdrawal;
mod world;
