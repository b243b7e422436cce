//! The configuration file of a house.

use anyhow::Result;
use habeas_test_support::{Port, SmtpSink, TlsFront, TlsMode};
use tempfile::TempDir;

use super::{
    lines::{Lines, over},
    servers::MAIL_LOGIN,
};

/// Where the daemon finds its servers.
pub(super) struct Addresses {
    state_url: String,
    amqp_url: String,
    mail_host: &'static str,
    mail_port: u16,
}

impl Addresses {
    pub(super) fn of(
        lines: Option<&Lines>,
        state_url: &str,
        amqp_url: &str,
        sink: &SmtpSink,
    ) -> Result<Self> {
        Ok(Self {
            state_url: lines
                .map_or_else(|| Ok(state_url.to_owned()), |lines| over(&lines.state, state_url))?,
            amqp_url: lines.map_or_else(|| Ok(amqp_url.to_owned()), |lines| over(&lines.broker, amqp_url))?,
            mail_host: sink.host(),
            mail_port: sink.port(),
        })
    }

    pub(super) fn mail_section(
        &self,
        folder: &TempDir,
        front: Option<&TlsFront>,
        tls: Option<TlsMode>,
    ) -> Result<String> {
        let Some(front) = front else {
            let Self { mail_host, mail_port, .. } = self;
            return Ok(format!("host = \"{mail_host}\"\nport = {mail_port}\nsecurity = \"plain\""));
        };
        let ca_file = folder.path().join("mail-ca.pem");
        std::fs::write(&ca_file, front.authority())?;
        Ok(format!(
            "host = \"{}\"\nport = {}\nsecurity = \"{}\"\nuser = \"{}\"\npassword = \"{}\"\nca_file = \"{}\"",
            front.host(),
            front.port(),
            if tls == Some(TlsMode::Tls) { "tls" } else { "starttls" },
            MAIL_LOGIN.0,
            MAIL_LOGIN.1,
            ca_file.display(),
        ))
    }

    pub(super) fn configuration(&self, folder: &TempDir, mail: &str, pages: &Port, more: &str) -> String {
        let folder = folder.path().display();
        let Self { state_url, amqp_url, .. } = self;
        format!(
            r#"data_dir = "{folder}"
[state]
url = "{state_url}"
[queue]
kind = "rabbitmq"
url = "{amqp_url}"
[http]
base_url = "http://127.0.0.1:{pages}"
trusted_proxies = ["127.0.0.1"]
[mail]
kind = "smtp"
{mail}
from_address = "privacy@mart.test"
[stores]
folder = "{folder}/stores"
[vault]
keyring = "{folder}/keyring.json"
[controller]
name_en = "Mart of the Tests"
[deletion]
grace_hours = 0
[approval.eu_gdpr]
deletion = "automatic"
correction = "automatic"
{more}
"#,
            pages = pages.number(),
        )
    }
}
