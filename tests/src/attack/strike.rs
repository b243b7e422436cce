//! One attack from its plan to its tally.

use std::sync::Arc;

use anyhow::{Result, ensure};
use habeas_test_support::wait;
use serde_json::Value;

use super::{Aim, LIMIT, MALLORY, Party, Rows, Tally, Target, VICTIM, VICTIM_OLD};

/// What a request waits for while the daemon itself still works on it.
const AT_WORK: [&str; 4] = ["worker", "stores", "mail", "copy-delivery"];

/// An attack on a company of its own.
pub struct Strike {
    /// The daemon.
    pub target: Arc<Target>,
    /// Who attacks: a customer with a mailbox of their own.
    pub attacker: Party,
    /// Who is attacked: she reads both addresses that the store holds.
    pub victim: Party,
    /// What it comes to.
    pub tally: Tally,
    /// What the attacker is after: a copy of everything, unless said otherwise.
    pub aim: Aim,
    before: Rows,
}

impl Strike {
    /// A trick on the usual configuration.
    pub async fn plan(trick: &str) -> Result<Self> {
        Self::plan_with(trick, "").await
    }

    /// A trick on a configuration with these further lines.
    pub async fn plan_with(trick: &str, more: &str) -> Result<Self> {
        Self::on(trick, Target::build(more).await?).await
    }

    /// A trick whose mails go the real way, over SMTP and IMAP.
    pub async fn plan_by_wire(trick: &str) -> Result<Self> {
        Self::on(&format!("{trick}, over SMTP and IMAP"), Target::build_by_wire("").await?).await
    }

    async fn on(trick: &str, target: Target) -> Result<Self> {
        let target = Arc::new(target);
        Ok(Self {
            attacker: Party::new(&target, &[MALLORY], "198.18.0.66")?,
            victim: Party::new(&target, &[VICTIM, VICTIM_OLD], "198.18.0.7")?,
            tally: Tally::of(trick),
            aim: Aim::Access,
            before: target.shop.rows().await?,
            target,
        })
    }

    /// The same trick, for another right.
    #[must_use]
    pub fn aiming_at(self, aim: Aim) -> Self {
        Self { aim, ..self }
    }

    /// Types in a request in her name for what the attacker is after; its id.
    pub async fn ask_in_her_name(&self) -> Result<String> {
        self.target.staff.ask(VICTIM, &[self.aim.right()]).await
    }

    /// Takes the store as it is now for what must not change.
    pub async fn begin_again(&mut self) -> Result<()> {
        self.before = self.target.shop.rows().await?;
        Ok(())
    }

    /// Waits until the daemon has nothing left to do: every mail is decided, and whatever is open waits for people.
    pub async fn quiet(&self) -> Result<()> {
        wait::ok("the daemon to have nothing left to do", LIMIT, || async {
            let staff = &self.target.staff;
            let undecided = staff.mails().await?.iter().filter(|mail| mail["decided_at"].is_null()).count();
            ensure!(undecided == 0, "{undecided} mails are undecided");
            for request in staff.requests().await? {
                ensure!(!is_at_work(&request), "{} waits for {}", request["id"], request["waits_for"]);
            }
            Ok(())
        })
        .await
    }

    /// Counts what the attacker got to see, and what changed in the store.
    pub async fn count(&mut self) -> Result<()> {
        self.quiet().await?;
        self.tally.disclosed = self.attacker.saw()?;
        self.tally.effects = self.target.shop.rows().await?.changed_since(&self.before);
        Ok(())
    }

    /// Counts, prints and judges.
    ///
    /// # Panics
    /// Unless the attack came to nothing and staff were told.
    pub async fn settle(&mut self) -> Result<()> {
        self.count().await?;
        self.target.run(&["audit", "verify"])?;
        self.tally.settle();
        Ok(())
    }

    /// The control: the victim herself asks for a copy and gets it, which the same count sees. Returns her link.
    pub async fn honest_copy(&self) -> Result<String> {
        let (asked, packages) = (self.victim.links("/confirm/")?, self.victim.links("/package/")?);
        self.ask_in_her_name().await?;
        self.victim.confirm_after(asked).await?;
        let link = self.victim.link_after(packages, "/package/").await?;
        let before = self.victim.saw()?;
        self.victim.fetch(&link).await?;
        ensure!(self.victim.saw()? > before, "the count does not see what the victim herself was given");
        Ok(link)
    }
}

fn is_at_work(request: &Value) -> bool {
    let waits = request["waits_for"].as_array().cloned().unwrap_or_default();
    waits.iter().any(|wait| wait.as_str().is_some_and(|wait| AT_WORK.contains(&wait)))
}
