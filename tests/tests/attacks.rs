//! The tricks of the published studies on the abuse of the right of access, played against the running daemon. Each ends
//! with its tally: nothing disclosed, no effect in a store, not a bit about who is a customer, and staff told.
//!
//! - Pavur and Knerr 2019: "`GDPArrrrr`: Using Privacy Laws to Steal Identities". 150 requests in the name of a person who
//!   had agreed to it; about a quarter of the companies that held her data gave them out for a mail address and a
//!   telephone number.
//! - Di Martino et al. 2019: "Personal Information Leakage by Abusing the GDPR 'Right of Access'". 55 organisations were
//!   asked with spoofed or similar senders, public facts and edited identity papers; 15 leaked.
//! - Boniface et al. 2019: "Security Analysis of Subject Access Request Procedures". What authorities recommend and what
//!   sites do to find out who asks; a copy of an identity card over an open channel is the most common flaw.
//! - Bufalieri et al. 2020: "GDPR: When the Right to Access Personal Data Becomes a Threat". More than 300 controllers were
//!   asked; half of those that answered had flaws in finding out who asks or in how they send the data.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

/// Plays an attack on either right that gives a copy: its mails come in as files, and for the one over SMTP and IMAP with real
/// signatures, too.
macro_rules! both_ways {
    ($($name:ident: $trick:literal),* $(,)?) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread")]
            async fn as_files() {
                super::$name(habeas_tests::attack::Strike::plan($trick).await.unwrap()).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn for_portability() {
                let strike = habeas_tests::attack::Strike::plan($trick).await.unwrap();
                super::$name(strike.aiming_at(habeas_tests::attack::Aim::Portability)).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn by_wire() {
                super::$name(habeas_tests::attack::Strike::plan_by_wire($trick).await.unwrap()).await;
            }
        })*
    };
}

/// Plays an attack on each of the rights that give a copy.
macro_rules! for_either_copy {
    ($($name:ident),* $(,)?) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread")]
            async fn of_everything() {
                super::$name(habeas_tests::attack::Aim::Access).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn for_portability() {
                super::$name(habeas_tests::attack::Aim::Portability).await;
            }
        })*
    };
}

mod attacks {
    mod agent_packages;
    mod agents;
    mod contact_change;
    mod deletion;
    mod existence;
    mod facts;
    mod guardians;
    mod guessing;
    mod injection;
    mod laws;
    mod mailbox;
    mod mandates;
    mod pace;
    mod packages;
    mod papers;
    mod pressure;
    mod scanner;
    mod senders;
    mod threads;
}
