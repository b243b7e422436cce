//! How mails leave.

use std::sync::Arc;

use habeas_config::{Config, Mail, MailKind, MailSecurity};
use habeas_notification::{
    FolderTransport, SmtpTransport, Transport,
    transport::smtp::{SmtpLimits, SmtpLogin, SmtpOptions, SmtpSecurity},
};

use crate::failure::{Exit, Failure};

/// How mails leave; kept apart so that `doctor` can try it.
pub(crate) enum MailRoute {
    /// Into a folder.
    Folder(FolderTransport),
    /// To a server.
    Smtp(Box<SmtpTransport>),
}

impl MailRoute {
    /// As the workers want it.
    pub(crate) fn transport(self) -> Arc<dyn Transport> {
        match self {
            Self::Folder(folder) => Arc::new(folder),
            Self::Smtp(smtp) => Arc::new(*smtp),
        }
    }
}

/// The route that the configuration names. Connects to nothing yet.
pub(crate) fn mail_route(config: &Config) -> Result<MailRoute, Failure> {
    match config.mail.kind {
        MailKind::Folder => {
            let folder = config.mail_folder();
            FolderTransport::open(&folder).map(MailRoute::Folder).map_err(|error| {
                let message = format!("cannot make the mail folder {}: {error}", folder.display());
                Failure::new(Exit::Config, "mail", message)
                    .fix("set mail.folder to a folder that this user may write")
            })
        }
        MailKind::Smtp => {
            let smtp = SmtpTransport::new(smtp_options(&config.mail)?);
            smtp.map(|smtp| MailRoute::Smtp(Box::new(smtp)))
                .map_err(|error| Failure::of(Exit::Config, "mail", &error))
        }
    }
}

fn smtp_options(section: &Mail) -> Result<SmtpOptions, Failure> {
    let extra_root =
        section.ca_file.as_ref().map(std::fs::read).transpose().map_err(|error| {
            Failure::new(Exit::Config, "mail", format!("cannot read mail.ca_file: {error}"))
        })?;
    let login = section.user.clone().zip(section.password.as_ref());
    Ok(SmtpOptions {
        host: section.host.clone().unwrap_or_default(),
        port: section.port(),
        security: match section.security {
            MailSecurity::Tls => SmtpSecurity::Tls,
            MailSecurity::StartTls => SmtpSecurity::StartTls,
            MailSecurity::Plain => SmtpSecurity::Plain,
        },
        allow_plaintext_to: section.allow_plaintext_to.clone(),
        login: login.map(|(user, password)| SmtpLogin { user, password: password.expose().to_owned() }),
        hello: section.hello.clone(),
        extra_root,
        connections: usize::try_from(section.connections.get()).unwrap_or(1),
        limits: SmtpLimits::default(),
    })
}
