//! How a mail server handed a mail in: by options, or by the environment of its pipe.

use std::{env, net::IpAddr};

use clap::Args;
use habeas_domain::Personal;
use habeas_ledger::MailDelivery;
use habeas_mailbox::authentication::is_public;

/// What the receiving mail server knew about the one that handed the mail in; SPF is checked by it.
///
/// Where an option is left out, the environment of the pipe is asked: `CLIENT_ADDRESS`, `CLIENT_HELO` and `SENDER`, as
/// Postfix sets them for a command, or `SENDER_HOST_ADDRESS` and `SENDER_HELO_NAME`, as an `environment` setting of an Exim
/// pipe transport can give them.
#[derive(Debug, Clone, Args)]
pub(super) struct DeliveryArgs {
    /// The address of the client that handed the mail in, as the mail server saw it; `${client_address}` in Postfix.
    #[arg(long, value_name = "IP")]
    client_ip: Option<IpAddr>,
    /// What that client called itself (HELO or EHLO); `${client_helo}` in Postfix.
    #[arg(long, value_name = "NAME")]
    helo: Option<String>,
    /// The envelope sender, empty for the null address; `${sender}` in Postfix.
    #[arg(long, value_name = "ADDRESS")]
    mail_from: Option<String>,
}

impl DeliveryArgs {
    /// Whether any of it was given by options.
    pub(super) const fn is_given(&self) -> bool {
        self.client_ip.is_some() || self.helo.is_some() || self.mail_from.is_some()
    }

    /// How the mail was delivered; nothing without the address of a client on the public network.
    pub(super) fn delivery(&self) -> Option<MailDelivery> {
        self.with(|name| env::var(name).ok())
    }

    fn with(&self, variable: impl Fn(&str) -> Option<String>) -> Option<MailDelivery> {
        let first =
            |names: &[&str]| names.iter().find_map(|name| variable(name).filter(|text| !text.is_empty()));
        let told = || first(&["CLIENT_ADDRESS", "SENDER_HOST_ADDRESS"])?.parse::<IpAddr>().ok();
        let client = self.client_ip.or_else(told)?.to_canonical();
        let helo = self.helo.clone().or_else(|| first(&["CLIENT_HELO", "SENDER_HELO_NAME"]));
        let mail_from = self.mail_from.clone().or_else(|| variable("SENDER"))?;
        let mail_from = mail_from.trim().trim_start_matches('<').trim_end_matches('>');
        // As Postfix writes the null address, unless `null_sender` of its pipe says otherwise.
        let mail_from = if mail_from == "MAILER-DAEMON" { "" } else { mail_from };
        // What this machine or its network hands in says nothing for SPF.
        is_public(client).then(|| MailDelivery {
            client: Personal::new(client),
            helo: Personal::new(helo.unwrap_or_default()),
            mail_from: Personal::new(mail_from.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: DeliveryArgs = DeliveryArgs { client_ip: None, helo: None, mail_from: None };

    fn told(options: &DeliveryArgs, environment: &[(&str, &str)]) -> Option<[String; 3]> {
        let variable = |name: &str| {
            environment.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
        };
        let delivery = options.with(variable)?;
        Some([
            delivery.client.expose().to_string(),
            delivery.helo.into_inner(),
            delivery.mail_from.into_inner(),
        ])
    }

    fn three(client: &str, helo: &str, from: &str) -> [String; 3] {
        [client, helo, from].map(str::to_owned)
    }

    #[test]
    fn the_environments_of_the_usual_pipes_are_read() {
        let postfix =
            [("CLIENT_ADDRESS", "203.0.113.5"), ("CLIENT_HELO", "mx.example.jp"), ("SENDER", "a@example.jp")];
        assert_eq!(told(&NOTHING, &postfix), Some(three("203.0.113.5", "mx.example.jp", "a@example.jp")));
        let exim =
            [("SENDER_HOST_ADDRESS", "2001:db8::5"), ("SENDER_HELO_NAME", "mx.example.jp"), ("SENDER", "")];
        assert_eq!(told(&NOTHING, &exim), Some(three("2001:db8::5", "mx.example.jp", "")));
    }

    #[test]
    fn options_come_before_the_environment() {
        let options = DeliveryArgs {
            client_ip: Some("198.51.100.7".parse().unwrap()),
            helo: Some("a.example.com".to_owned()),
            mail_from: Some("<b@example.com>".to_owned()),
        };
        let environment = [("CLIENT_ADDRESS", "203.0.113.5"), ("SENDER", "a@example.jp")];
        assert_eq!(
            told(&options, &environment),
            Some(three("198.51.100.7", "a.example.com", "b@example.com"))
        );
    }

    #[test]
    fn what_says_nothing_for_spf_is_left_out() {
        let sender = ("SENDER", "a@example.jp");
        for environment in [
            vec![],
            vec![sender],
            vec![("CLIENT_ADDRESS", "127.0.0.1"), sender],
            vec![("CLIENT_ADDRESS", "unknown"), sender],
            vec![("CLIENT_ADDRESS", "10.0.0.1"), sender],
            vec![("CLIENT_ADDRESS", "203.0.113.5")],
        ] {
            assert_eq!(told(&NOTHING, &environment), None, "{environment:?}");
        }
        let bounce = [("CLIENT_ADDRESS", "203.0.113.5"), ("SENDER", "MAILER-DAEMON")];
        assert_eq!(told(&NOTHING, &bounce), Some(three("203.0.113.5", "", "")));
    }
}
