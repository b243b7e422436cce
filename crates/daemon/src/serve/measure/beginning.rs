//! What is shown from the first moment on.

use habeas_config::{Config, Role};
use habeas_domain::Letter;
use habeas_ledger::Guessed;
use metrics::{counter, gauge};

/// Shows what this process is. Whatever an alarm counts begins at 0: a series that first appears with a 1 has not increased.
pub(crate) fn begin(config: &Config) {
    let roles = &config.workers.roles;
    for role in Role::ALL {
        gauge!("habeas_role", "role" => role.as_str()).set(f64::from(u8::from(roles.contains(&role))));
    }
    for of in Guessed::ALL {
        counter!("habeas_guessing_total", "of" => of.as_str()).increment(0);
    }
    for kind in Letter::KINDS {
        counter!("habeas_mails_undelivered_total", "kind" => kind, "for_good" => "yes").increment(0);
    }
    for mailbox in config.mailboxes() {
        counter!("habeas_mails_held_back_total", "mailbox" => mailbox.name.clone()).increment(0);
        counter!("habeas_mailbox_failures_total", "mailbox" => mailbox.name).increment(0);
    }
}
