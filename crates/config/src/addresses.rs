//! Every server that a configuration names, looked at before anything connects to it.

use habeas_domain::{Destination, DestinationProblem, destination};

use crate::{Config, Secret, finding::Findings};

impl Config {
    pub(crate) fn check_addresses(&self, findings: &mut Findings) {
        let allowed = &self.network.allow_link_local;
        for (path, url) in self.urls() {
            note(findings, &path, Destination::check_url(url, allowed));
        }
        for (path, host) in self.hosts() {
            note(findings, &path, Destination::of_host(&host).and_then(|host| host.check(allowed)));
        }
        for (path, url) in self.urls_that_carry_secrets() {
            let other_problem = Destination::check_url(url, allowed).is_err();
            if !other_problem && !destination::is_https_or_local(url) {
                let message =
                    "what is said to this address could be overheard or answered by anybody on the way";
                findings.add(&path, message, "begin it with https://; http:// is for this machine only");
            }
        }
    }

    /// The URLs to which the daemon connects.
    fn urls(&self) -> Vec<(String, &str)> {
        let urls = [
            (
                "state.url",
                self.state.url.as_ref().map(Secret::expose).filter(|url| !url.starts_with("sqlite:")),
            ),
            ("queue.url", self.queue.url.as_ref().map(Secret::expose)),
            ("objects.endpoint", self.objects.endpoint.as_deref()),
            ("verification.sms.url", self.verification.sms.as_ref().map(|sms| sms.url.expose())),
            (
                "verification.sign_in.jwks_url",
                self.verification.sign_in.as_ref().and_then(|sign_in| sign_in.jwks_url.as_deref()),
            ),
        ];
        let urls = urls.into_iter().filter_map(|(path, url)| Some((path.to_owned(), url?)));
        urls.chain(self.token_urls()).collect()
    }

    /// Where mailboxes get their access tokens.
    fn token_urls(&self) -> impl Iterator<Item = (String, &str)> {
        self.mailboxes.iter().enumerate().filter_map(|(place, mailbox)| {
            Some((format!("mailboxes.{place}.token_url"), mailbox.token_url.as_deref()?))
        })
    }

    /// The servers that are named without a URL.
    fn hosts(&self) -> Vec<(String, String)> {
        let mut hosts: Vec<(String, String)> = Vec::new();
        hosts.extend(self.mail.host.clone().map(|host| ("mail.host".to_owned(), host)));
        for (place, mailbox) in self.mailboxes.iter().enumerate() {
            hosts.extend(mailbox.host.clone().map(|host| (format!("mailboxes.{place}.host"), host)));
            let servers = mailbox.name_servers.iter().enumerate();
            hosts.extend(servers.map(|(number, server)| {
                (format!("mailboxes.{place}.name_servers.{number}"), server.ip().to_string())
            }));
        }
        hosts
    }

    /// The URLs over which a secret goes, a person's number, or the keys that are believed; the sign-in is opened by the
    /// person's browser, with a secret in its query.
    fn urls_that_carry_secrets(&self) -> Vec<(String, &str)> {
        let sign_in = self.verification.sign_in.as_ref();
        let urls = [
            ("verification.sms.url", self.verification.sms.as_ref().map(|sms| sms.url.expose())),
            ("verification.sign_in.url", sign_in.map(|sign_in| sign_in.url.as_str())),
            ("verification.sign_in.jwks_url", sign_in.and_then(|sign_in| sign_in.jwks_url.as_deref())),
        ];
        let urls = urls.into_iter().filter_map(|(path, url)| Some((path.to_owned(), url?)));
        urls.chain(self.token_urls()).collect()
    }
}

fn note(findings: &mut Findings, path: &str, checked: Result<(), DestinationProblem>) {
    // A more particular check may have said it already.
    let known = findings.0.iter().any(|found| found.path.join(".") == path);
    if let (Err(problem), false) = (checked, known) {
        findings.add(path, problem.to_string(), problem.fix());
    }
}
