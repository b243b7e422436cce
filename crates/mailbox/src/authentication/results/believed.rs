//! Which results are believed. The rules stand at the head of [`super::super`].

use super::{AuthResults, MethodResult};
use crate::authentication::{AuthenticationOptions, fields::Fields};

/// The results of our own mail server.
#[derive(Debug, Default)]
pub(in crate::authentication) struct Reported {
    /// Those that are believed, in their order.
    pub(in crate::authentication) results: Vec<MethodResult>,
    /// Whether others stand there in our name.
    pub(in crate::authentication) forged: bool,
}

/// Where the run of believed fields stands.
#[derive(PartialEq, Eq)]
enum Run {
    Before,
    Within,
    Over,
}

pub(in crate::authentication) fn believed(fields: &Fields, options: &AuthenticationOptions) -> Reported {
    let mut reported = Reported::default();
    let mut above = 0;
    let mut run = Run::Before;
    for field in fields.iter() {
        let read =
            (field.name == "authentication-results").then(|| AuthResults::parse(&field.value)).flatten();
        let ours = read.filter(|read| field.whole && is_ours(&read.authserv_id, options));
        match ours {
            Some(read) if run != Run::Over && above <= options.received_above => {
                run = Run::Within;
                reported.results.extend(read.results);
            }
            Some(_) => reported.forged = true,
            None if run == Run::Within => run = Run::Over,
            None => {}
        }
        above += usize::from(field.name == "received");
    }
    if above == 0 && run != Run::Before {
        // No server took this mail: somebody wrote the file.
        return Reported { results: Vec::new(), forged: true };
    }
    reported
}

fn is_ours(authserv_id: &str, options: &AuthenticationOptions) -> bool {
    options.authserv_ids.iter().any(|ours| ours.trim().eq_ignore_ascii_case(authserv_id))
}

/// The results that a forwarder sealed: an `ARC-Authentication-Results` without its instance (RFC 8617, section 4.1.1).
pub(in crate::authentication) fn sealed(value: &str) -> Vec<MethodResult> {
    let rest =
        value.split_once(';').filter(|(first, _)| first.trim_start().starts_with("i=")).map(|(_, rest)| rest);
    rest.and_then(AuthResults::parse).map(|read| read.results).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "Authentication-Results: mx.example.com; dmarc=pass header.from=example.jp\r\n";
    const HOP: &str = "Received: from a by b\r\n";

    fn heard(header: &str, received_above: usize) -> (usize, bool) {
        let options = AuthenticationOptions {
            authserv_ids: vec!["MX.example.com".to_owned()],
            received_above,
            ..AuthenticationOptions::default()
        };
        let reported = believed(&Fields::read(format!("{header}\r\n").as_bytes()), &options);
        (reported.results.len(), reported.forged)
    }

    #[test]
    fn only_what_stands_above_the_first_received_counts() {
        assert_eq!(heard(&format!("Return-Path: <a@b>\r\n{OURS}{OURS}{HOP}"), 0), (2, false));
        assert_eq!(heard(&format!("{HOP}{OURS}{HOP}"), 0), (0, true));
        assert_eq!(heard(&format!("{OURS}{HOP}{OURS}"), 0), (1, true));
        assert_eq!(heard(&format!("{HOP}{OURS}{HOP}{OURS}"), 1), (1, true));
    }

    #[test]
    fn any_other_field_ends_the_run() {
        assert_eq!(heard(&format!("{OURS}Subject: x\r\n{OURS}{HOP}"), 0), (1, true));
        let other = OURS.replace("mx.example.com", "mx.attacker.test");
        assert_eq!(heard(&format!("{OURS}{other}{OURS}{HOP}"), 0), (1, true));
    }

    #[test]
    fn other_names_and_broken_fields_are_ignored() {
        assert_eq!(
            heard(&format!("{}{HOP}", OURS.replace("mx.example.com", "mx.attacker.test")), 0),
            (0, false)
        );
        assert_eq!(heard(&format!("{}{HOP}", OURS.replace("dmarc=", "dmarc")), 0), (0, false));
        assert_eq!(
            heard(&format!("{}{HOP}", OURS.replace("mx.example.com", "mx.example.com.evil.test")), 0),
            (0, false)
        );
    }

    #[test]
    fn a_file_that_passed_no_server_says_nothing() {
        assert_eq!(heard(OURS, 0), (0, true));
        assert_eq!(heard(OURS, 5), (0, true));
    }

    #[test]
    fn sealed_results_are_read_without_their_instance() {
        assert_eq!(sealed("i=2; lists.example.org; dmarc=pass header.from=example.jp")[0].method, "dmarc");
        assert_eq!(sealed("lists.example.org; dmarc=pass"), []);
    }
}
