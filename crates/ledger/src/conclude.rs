use chrono::{DateTime, Utc};
use habeas_domain::{
    Actor, JobId, JobState, Letter, Outcome, PackageId, RequestId, Right, TypedId, audit::AuditEvent,
    job::JobEvent,
};
use habeas_vault::{Signature, TokenHash};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use crate::{
    Ledger, LedgerError,
    claim::Lease,
    clock,
    entity::{agent_package, job, package, receipt, request},
    job_step,
    unit::Unit,
};

/// A package that was stored.
#[derive(Debug, Clone)]
pub struct NewPackage {
    /// Its id.
    pub id: PackageId,
    /// The sealed object that holds it.
    pub object: String,
    /// SHA-256 of the ZIP, before sealing.
    pub sha256: [u8; 32],
    /// Bytes of the ZIP.
    pub bytes: u64,
    /// Rows in it.
    pub rows: u64,
    /// SHA-256 of the token in the link to its page.
    pub token: TokenHash,
    /// When the link ends.
    pub expires_at: DateTime<Utc>,
    /// How often it can be fetched.
    pub downloads: u32,
}

/// What the agent who acts for the person gets, where the person lets them have the results.
#[derive(Debug, Clone)]
pub struct AgentCopy {
    /// Where their mail goes.
    pub to: habeas_domain::Personal<String>,
    /// Their mail.
    pub letter: Letter,
    /// SHA-256 of the token in the link to the package's page that is theirs; nothing where there is no package.
    pub token: Option<TokenHash>,
}

/// The signed proof of what was done.
#[derive(Debug, Clone)]
pub struct NewReceipt {
    /// Counts, times and proofs as JSON text; no values of the person's data.
    pub body: String,
    /// The signature over the body.
    pub signature: Signature,
}

/// A job that is concluded.
#[derive(Debug, Clone)]
pub struct Conclusion {
    /// The lease of the conclusion.
    pub lease: Lease,
    /// For which request.
    pub request: RequestId,
    /// Which job.
    pub job: JobId,
    /// How it ended; nothing for the mail that tells of a delay.
    pub outcome: Option<Outcome>,
    /// The mail that tells the person.
    pub letter: Letter,
    /// The package, for rights that give a copy.
    pub package: Option<NewPackage>,
    /// The receipt, for rights that change stores.
    pub receipt: Option<NewReceipt>,
    /// Where the mail goes.
    pub to: habeas_domain::Personal<String>,
    /// What the agent gets, unless their part has ended meanwhile.
    pub agent: Option<AgentCopy>,
}

impl Ledger {
    /// Ends jobs: package, receipt, outcome and mail in one transaction.
    pub async fn concluded(&self, group: Vec<Conclusion>) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock(group.iter().map(|one| one.request)).await?;
        let leases: Vec<Lease> = group.iter().map(|one| one.lease).collect();
        let held = crate::fence::leases(&unit.finish(&leases).await?);
        let mut jobs = unit.jobs_of(group.iter().map(|one| one.request)).await?;
        for one in group.into_iter().filter(|one| held.contains(&one.lease)) {
            if let Some(row) = requests.get_mut(&one.request) {
                unit.conclude(row, &mut jobs, one).await?;
            }
        }
        unit.commit().await
    }
}

impl Unit<'_> {
    async fn conclude(
        &mut self,
        row: &mut request::Model,
        jobs: &mut [job::Model],
        one: Conclusion,
    ) -> Result<(), LedgerError> {
        let Some(job) = jobs.iter_mut().find(|job| job.id == one.job.uuid()) else { return Ok(()) };
        let Some(outcome) = one.outcome else { return self.tell_more(row, job_step::state(job)?, one) };
        if job_step::state(job)? != JobState::Concluding {
            return Ok(());
        }
        self.step(job, JobEvent::Concluded(outcome), Actor::System)?;
        if let Some(copy) = &one.agent {
            self.copy_for_agent(row, one.job, copy, one.package.as_ref())?;
        }
        if one.letter.asks_what_else() {
            self.offer_another(row).await?;
        }
        if let Some(new) = one.package {
            self.store_package(row, one.job, new);
        }
        if let Some(new) = one.receipt {
            self.store_receipt(row, one.job, new);
        }
        self.mail(row, Some(one.job), one.to.expose(), &one.letter, job_step::told_of_end(one.job))?;
        let mut siblings: Vec<job::Model> =
            jobs.iter().filter(|job| job.request_id == row.id).cloned().collect();
        if siblings.iter().any(|job| job.id == one.job.uuid() && job.right == Right::Correction.as_str()) {
            self.corrected(&mut siblings)?;
        }
        self.start_after_others(row, &mut siblings).await?;
        self.close_if_ended(row, &siblings, Actor::System).await?;
        for job in jobs {
            if let Some(now) = siblings.iter().find(|sibling| sibling.id == job.id) {
                job.clone_from(now);
            }
        }
        Ok(())
    }

    /// What is told of a job beside its end: that it is delayed, or that the rest of a deletion is done.
    fn tell_more(
        &mut self,
        row: &request::Model,
        state: JobState,
        one: Conclusion,
    ) -> Result<(), LedgerError> {
        let notice = match (state, &one.letter) {
            (JobState::Stalled, Letter::JobDelayed { .. }) => format!("{}/delay/{}", one.job, one.lease.work),
            (JobState::Ended, Letter::RestDeleted { .. }) => format!("{}/rest", one.job),
            _ => return Ok(()),
        };
        if let Some(new) = one.receipt.filter(|_| state == JobState::Ended) {
            self.store_receipt(row, one.job, new);
        }
        self.mail(row, Some(one.job), one.to.expose(), &one.letter, notice)
    }

    /// Only while the person still lets the agent have it, judged under the lock of the request.
    fn copy_for_agent(
        &mut self,
        of: &request::Model,
        job: JobId,
        copy: &AgentCopy,
        package: Option<&NewPackage>,
    ) -> Result<(), LedgerError> {
        let acts =
            of.agent_ended_at.is_none() && of.agent_stopped_at.is_none() && !self.mandate_has_ended(of);
        let lets = acts && of.agent_receives_at.is_some();
        if !lets {
            return Ok(());
        }
        if let (Some(token), Some(package)) = (copy.token, package) {
            self.changes.agent_package(agent_package::ActiveModel {
                package_id: Set(package.id.uuid()),
                token_hash: Set(token.as_bytes().to_vec()),
                expires_at: Set(clock::stored(package.expires_at)),
                downloads_left: Set(i64::from(package.downloads)),
                created_at: Set(self.stored_now()),
            });
        }
        let detail =
            json!({ "job": job, "agent": of.agent_id, "package": package.map(|package| package.id) });
        let event = AuditEvent::new("agent-told", Actor::System).with(detail);
        self.audit(RequestId::from_uuid(of.id), event);
        self.mail(of, Some(job), copy.to.expose(), &copy.letter, format!("{job}/agent"))
    }

    fn store_package(&mut self, of: &request::Model, job: JobId, new: NewPackage) {
        let detail = json!({
            "job": job, "package": new.id, "rows": new.rows, "bytes": new.bytes, "sha256": hex::encode(new.sha256),
        });
        let row = package::ActiveModel {
            id: Set(new.id.uuid()),
            request_id: Set(of.id),
            job_id: Set(job.uuid()),
            object: Set(new.object),
            sha256: Set(new.sha256.to_vec()),
            bytes: Set(i64::try_from(new.bytes).unwrap_or(i64::MAX)),
            rows_held: Set(i64::try_from(new.rows).unwrap_or(i64::MAX)),
            token_hash: Set(Some(new.token.as_bytes().to_vec())),
            expires_at: Set(clock::stored(new.expires_at)),
            downloads_left: Set(i64::from(new.downloads)),
            created_at: Set(self.stored_now()),
        };
        self.changes.package(row);
        self.audit(
            RequestId::from_uuid(of.id),
            AuditEvent::new("package-stored", Actor::System).with(detail),
        );
    }

    fn store_receipt(&mut self, of: &request::Model, job: JobId, new: NewReceipt) {
        let row = receipt::ActiveModel {
            id: Set(self.ledger.ids().fresh::<habeas_domain::MessageId>().uuid()),
            request_id: Set(of.id),
            job_id: Set(job.uuid()),
            body: Set(new.body),
            key_id: Set(new.signature.key_id.to_string()),
            signature: Set(new.signature.bytes.to_vec()),
            created_at: Set(self.stored_now()),
        };
        self.changes.receipt(row);
        self.audit(
            RequestId::from_uuid(of.id),
            AuditEvent::new("receipt-signed", Actor::System).with(json!({ "job": job })),
        );
    }
}
