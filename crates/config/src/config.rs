//! The whole configuration.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Agents, Approval, Controller, Deletion, Http, Log, Mail, Mailbox, MailboxKind, Network, Objects,
    Packages, Queue, Requests, State, Stores, Vault, Verification, Workers, bounds, finding::Findings,
};

/// The configuration of the Habeas daemon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folder for everything that Habeas keeps on this machine, unless a section says otherwise. Relative paths here and below count from the folder in which the daemon is started.
    #[schemars(with = "String")]
    pub data_dir: PathBuf,
    /// The state database: the one durable truth.
    pub state: State,
    /// The queue that carries ids between the workers.
    pub queue: Queue,
    /// The HTTP API and the pages.
    pub http: Http,
    /// How mails leave.
    pub mail: Mail,
    /// The mailboxes that people write to. Without any, the embedded default reads a folder of files, `mailbox` in the data folder.
    pub mailboxes: Vec<Mailbox>,
    /// Where the daemon may connect to.
    pub network: Network,
    /// Where sealed spools and packages lie.
    pub objects: Objects,
    /// The registered data stores.
    pub stores: Stores,
    /// The key ring.
    pub vault: Vault,
    /// The company that decides why and how the data is used, as mails, pages and packages name it.
    pub controller: Controller,
    /// What a request takes where it says nothing itself, and its clocks.
    pub requests: Requests,
    /// Who must agree before a job runs, where it differs from the regime: `automatic`, `one-person` or `four-eyes`, by regime and right.
    pub approval: Approval,
    /// How people prove who they are, beyond the mailed link.
    pub verification: Verification,
    /// Those who ask on other people's behalf.
    pub agents: Agents,
    /// What happens before an approved deletion begins.
    pub deletion: Deletion,
    /// The archives that people download.
    pub packages: Packages,
    /// What the daemon writes about itself. Never personal data, at any level.
    pub log: Log,
    /// Which workers run in this process, and how.
    pub workers: Workers,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("habeas-data"),
            state: State::default(),
            queue: Queue::default(),
            http: Http::default(),
            mail: Mail::default(),
            mailboxes: Vec::new(),
            network: Network::default(),
            objects: Objects::default(),
            stores: Stores::default(),
            vault: Vault::default(),
            controller: Controller::default(),
            requests: Requests::default(),
            approval: Approval::default(),
            verification: Verification::default(),
            agents: Agents::default(),
            deletion: Deletion::default(),
            packages: Packages::default(),
            log: Log::default(),
            workers: Workers::default(),
        }
    }
}

impl Config {
    /// Whether the state database is the embedded one. Then `serve` makes and migrates it, with a key ring and a first
    /// API token.
    pub const fn is_embedded(&self) -> bool {
        self.state.url.is_none()
    }

    /// The URL of the state database. May hold a password.
    pub fn state_url(&self) -> crate::Secret {
        let embedded = || format!("sqlite://{}?mode=rwc", self.state_file().display());
        self.state.url.clone().unwrap_or_else(|| crate::Secret::new(embedded()))
    }

    /// The file of the embedded state database.
    pub fn state_file(&self) -> PathBuf {
        self.data_dir.join("state.db")
    }

    /// The file of the key ring.
    pub fn keyring(&self) -> PathBuf {
        self.vault.keyring.clone().unwrap_or_else(|| self.data_dir.join("keyring.json"))
    }

    /// The folder into which mails go when they do not go to a server.
    pub fn mail_folder(&self) -> PathBuf {
        self.mail.folder.clone().unwrap_or_else(|| self.data_dir.join("mail"))
    }

    /// The folder for spools and packages when they do not go to an object store.
    pub fn objects_folder(&self) -> PathBuf {
        self.objects.folder.clone().unwrap_or_else(|| self.data_dir.join("objects"))
    }

    /// The folder of the manifests.
    pub fn stores_folder(&self) -> PathBuf {
        self.stores.folder.clone().unwrap_or_else(|| self.data_dir.join("stores"))
    }

    /// The mailboxes to read: those that are set, or the folder of the embedded default.
    pub fn mailboxes(&self) -> Vec<Mailbox> {
        if !self.mailboxes.is_empty() || !self.is_embedded() {
            return self.mailboxes.clone();
        }
        vec![Mailbox {
            name: "folder".to_owned(),
            kind: MailboxKind::Folder,
            path: Some(self.data_dir.join("mailbox")),
            poll_seconds: crate::sections::number(2),
            ..Mailbox::default()
        }]
    }

    /// The file of the API token that the embedded default makes at its first start.
    pub fn token_file(&self) -> PathBuf {
        self.data_dir.join("admin.token")
    }

    /// What is wrong with the values, one section after the other.
    pub(crate) fn check(&self, findings: &mut Findings) {
        self.state.check(findings);
        self.queue.check(findings);
        self.http.check(findings);
        self.mail.check(findings);
        self.check_mailboxes(findings);
        self.objects.check(findings);
        self.controller.check(findings);
        self.approval.check(findings);
        self.verification.check(findings);
        self.agents.check(findings);
        self.deletion.check(findings);
        self.log.check(findings);
        self.workers.check(findings);
        self.check_addresses(findings);
        self.check_together(findings);
        bounds::check(self, findings);
    }

    fn check_mailboxes(&self, findings: &mut Findings) {
        for (place, mailbox) in self.mailboxes.iter().enumerate() {
            mailbox.check(place, findings);
            if self.mailboxes.iter().take(place).any(|earlier| earlier.name == mailbox.name) {
                let path = format!("mailboxes.{place}.name");
                findings.add(&path, "another mailbox has this name", "give each mailbox a name of its own");
            }
        }
    }

    fn check_together(&self, findings: &mut Findings) {
        if self.queue.kind == crate::QueueKind::Embedded && !self.workers.all_roles() {
            findings.add(
                "workers.roles",
                "the embedded queue reaches no other process, so that the missing roles would never run",
                "run all roles in one process, or set queue.kind = \"rabbitmq\"",
            );
        }
    }

    /// The configuration as TOML, with secrets masked.
    pub fn shown(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }
}
