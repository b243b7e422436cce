/// Shows how often reading a mailbox failed since it last went well, so that one that fails now is told from one that
/// failed now and then.
pub(super) fn failures_in_a_row(mailbox: &str, failures: u32) {
    metrics::gauge!("habeas_mailbox_failures_in_a_row", "mailbox" => mailbox.to_owned())
        .set(f64::from(failures));
}
