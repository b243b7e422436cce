//! For a person whom nothing on file fits: something else that they may be known by. The code goes to what the stores
//! hold with it, and the answer is the same whether that is anything or not.

use habeas_domain::Personal;
use habeas_ledger::{Attempt, OpenRequest, Purpose};
use habeas_vault::{Code, CodeHash};

use super::{Desk, DeskError, count, presented};

/// What naming something else leads to: the same for everybody whose request stands alike, whether or not anything is
/// on file with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Another {
    /// The request takes more proof: a code goes to the address on file, and is typed on the page.
    Code,
    /// The request was confirmed, and goes on or has ended: the holder of the address on file is asked by a mail of their
    /// own whether they want the same, and everything about that goes there.
    Request,
}

/// What typing the code of an address on file led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFileAnswer {
    /// The address is theirs: what is on file under it counts from now on.
    Noted,
    /// It was not the code, or no code is open. The two are told apart nowhere.
    Not,
    /// There is no such step, or no more.
    NotOpen,
}

impl Desk {
    /// What naming something else leads to; nothing if nothing can be named with this link. Changes nothing and asks no store.
    pub async fn another(&self, token: &str) -> Result<Option<Another>, DeskError> {
        self.within(async { Ok(self.to_be_named(token).await?.map(|(_, another)| another)) }).await
    }

    /// Has the address on file written to, to which `named` leads, if it leads to one and neither the person nor that address had
    /// too many today. It is looked up later. Returns whether anything can be named with this link.
    pub async fn name_another(&self, token: &str, named: &Personal<String>) -> Result<bool, DeskError> {
        let named = Personal::new(named.expose().trim().to_owned());
        let answer = self.paced(Box::pin(self.order(token, &named))).await?;
        count("other-identifier", if answer { "named" } else { "not-open" });
        Ok(answer)
    }

    async fn order(&self, token: &str, named: &Personal<String>) -> Result<bool, DeskError> {
        let Some((request, _)) = self.to_be_named(token).await? else { return Ok(false) };
        let most = self.challenges.options().other_identifiers_a_day;
        if self.ledger.attempt(request.id, Attempt::OtherIdentifier, most).await? {
            self.ledger.order_look_up(request.id, named).await?;
        }
        Ok(true)
    }

    /// The request of a link with which something else can be named, and what that leads to.
    async fn to_be_named(&self, token: &str) -> Result<Option<(OpenRequest, Another)>, DeskError> {
        if !self.looks_up {
            return Ok(None);
        }
        if let Some(request) = self.second_step_request(token).await? {
            return Ok(Some((request, Another::Code)));
        }
        let Some(hash) = presented(token).filter(|_| self.asks_anew) else { return Ok(None) };
        let record = self.ledger.challenge_by_token(&hash).await?;
        let record = record
            .filter(|record| record.live && matches!(record.purpose, Purpose::Identity | Purpose::Another));
        let Some(record) = record else { return Ok(None) };
        let request = self.open(record.request).await?;
        // For a child its guardian names what it is known by, or staff.
        let request = request.filter(|request| {
            let submission = &request.submission;
            let some = submission.rights.iter().any(|right| right.can_be_asked_anew());
            request.proven && submission.child.is_none() && some
        });
        Ok(request.map(|request| (request, Another::Request)))
    }

    /// Tries the code that was sent to an address on file. Counted before it is judged.
    pub async fn try_on_file(&self, token: &str, typed: &str) -> Result<OnFileAnswer, DeskError> {
        let Ok(code) = Code::parse(typed) else { return Ok(OnFileAnswer::Not) };
        let answer = self.paced(Box::pin(self.judge_on_file(token, &code))).await?;
        count("on-file-code", if answer == OnFileAnswer::Noted { "confirmed" } else { "refused" });
        Ok(answer)
    }

    async fn judge_on_file(&self, token: &str, code: &Code) -> Result<OnFileAnswer, DeskError> {
        let Some(request) = self.second_step_request(token).await? else { return Ok(OnFileAnswer::NotOpen) };
        let most = self.challenges.options().code_tries_a_day;
        let allowed = self.ledger.attempt(request.id, Attempt::MailCode, most).await?;
        let tried = self.ledger.try_code(request.id, Purpose::OnFile, None).await?.filter(|_| allowed);
        let vault = self.ledger.vault();
        let Some(tried) = tried else {
            vault.hash_code(code).await?;
            return Ok(OnFileAnswer::Not);
        };
        let right = vault.verify_code(code, &CodeHash::parse(&tried.code_hash)?).await?;
        let noted = right && self.ledger.prove(tried.challenge).await?;
        Ok(if noted { OnFileAnswer::Noted } else { OnFileAnswer::Not })
    }
}
