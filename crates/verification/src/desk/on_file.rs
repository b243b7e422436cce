//! For a person whom nothing on file fits: something else that they may be known by. The code goes to what the stores
//! hold with it, and the answer is the same whether that is anything or not.

use habeas_domain::Personal;
use habeas_ledger::{Attempt, Purpose};
use habeas_vault::{Code, CodeHash};

use super::{Desk, DeskError, count};

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
    /// Sends a code to the address on file to which `named` leads, if it leads to one and neither the person nor that
    /// address had too many today. Returns whether there is such a step; never whether there was an address.
    pub async fn name_another(&self, token: &str, named: &Personal<String>) -> Result<bool, DeskError> {
        let named = Personal::new(named.expose().trim().to_owned());
        let answer = self.paced(Box::pin(self.lead(token, &named))).await?;
        count("other-identifier", if answer { "named" } else { "not-open" });
        Ok(answer)
    }

    async fn lead(&self, token: &str, named: &Personal<String>) -> Result<bool, DeskError> {
        let Some(files) = &self.files else { return Ok(false) };
        let Some(request) = self.second_step_request(token).await? else { return Ok(false) };
        let _turn = self.turns.of(request.id).await;
        let most = self.challenges.options().other_identifiers_a_day;
        let allowed = self.ledger.attempt(request.id, Attempt::OtherIdentifier, most).await?;
        let lead = files.lead(named).await?;
        let code = self.challenges.code().await?;
        let known = |address: &_| request.proven_addresses().any(|own| own == address);
        let Some(address) = lead.filter(|address| allowed && !known(address)) else { return Ok(true) };
        // Whoever holds that address is not to be flooded by others who name it.
        if self.ledger.attempt_at(&address, Attempt::OnFileCode, most).await? {
            let new = self.challenges.on_file(&address, &code);
            self.ledger.challenge_on_file(request.id, &address, new, most).await?;
        }
        Ok(true)
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
