use habeas_domain::{RequestId, RequestState};
use habeas_ledger::{Attempt, CodeTry, Guessed, LedgerError, OpenRequest, Presented, Proof, Purpose};
use habeas_vault::{Code, CodeHash};

use super::{CodeAnswer, Desk, DeskError, Whose, count, presented};

impl Desk {
    /// Tries the code that a person typed to prove who they are. Counted before it is judged.
    pub async fn try_code(&self, whose: Whose<'_>, typed: &str) -> Result<CodeAnswer, DeskError> {
        let Ok(code) = Code::parse(typed) else { return Ok(CodeAnswer::Malformed) };
        let answer = self.paced(Box::pin(self.try_identity(whose, &code))).await?;
        let confirmed = matches!(answer, CodeAnswer::Confirmed(_) | CodeAnswer::AgentProven);
        count("code", if confirmed { "confirmed" } else { "refused" });
        Ok(answer)
    }

    async fn try_identity(&self, whose: Whose<'_>, code: &Code) -> Result<CodeAnswer, DeskError> {
        let whose = self.request_of(whose).await?;
        let tried = match whose {
            Some((request, purpose)) if self.may_try(request, purpose).await? => {
                self.ledger.try_code(request, purpose, None).await?
            }
            Some(_) | None => None,
        };
        let right = self.is_right(code, tried.as_ref()).await?;
        if let Some((request, purpose)) = whose.filter(|_| !right && was_last(tried.as_ref())) {
            let of = if purpose == Purpose::Agent { Guessed::Agent } else { Guessed::Identity };
            self.guessed(request, of).await?;
        }
        let (Some(tried), true) = (tried, right) else { return Ok(CodeAnswer::Refused) };
        if whose.is_some_and(|(_, purpose)| purpose == Purpose::Agent) {
            let proven = self.ledger.prove_agent(tried.challenge, self.agent_pace()).await?;
            return Ok(if proven { CodeAnswer::AgentProven } else { CodeAnswer::Refused });
        }
        Ok(match self.proofs.prove(Presented::Challenge(tried.challenge)).await? {
            Proof::Proven(proven) => CodeAnswer::Confirmed(proven),
            Proof::Used | Proof::NotValid => CodeAnswer::Refused,
        })
    }

    /// Over all of a person's requests, so that many requests give no more guesses. What an agent tries takes nothing from
    /// the person.
    async fn may_try(&self, request: RequestId, purpose: Purpose) -> Result<bool, DeskError> {
        let most = self.challenges.options().code_tries_a_day;
        let (kind, of) = match purpose {
            Purpose::Agent => (Attempt::AgentCode, Guessed::Agent),
            _ => (Attempt::MailCode, Guessed::Identity),
        };
        match self.ledger.attempt(request, kind, most).await {
            Ok(true) => Ok(true),
            Ok(false) => self.guessed(request, of).await.map(|()| false),
            Err(LedgerError::NotFound(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Sends a new link and code, if there is such a request, it still waits for the proof, and it was not sent too
    /// many today. The answer is the same in every case. A new code makes the older ones void; older links live on.
    pub async fn send_new_code(&self, whose: Whose<'_>) -> Result<(), DeskError> {
        self.paced(Box::pin(self.send_identity(whose))).await
    }

    async fn send_identity(&self, whose: Whose<'_>) -> Result<(), DeskError> {
        let whose = self.request_of(whose).await?;
        let code = self.challenges.code().await?;
        let Some((request, purpose)) = whose else { return Ok(()) };
        let _turn = self.turns.of(request).await;
        let of = self.open(request).await?.filter(awaits_proof);
        let new = of.and_then(|of| match purpose {
            Purpose::Agent => self.challenges.agent(&of, &code).filter(|_| of.agent_waits),
            _ => Some(self.challenges.identity(&of, &code)).filter(|_| !of.agent_waits),
        });
        let sent = match new {
            Some(new) => {
                let most = self.challenges.options().codes_a_day;
                self.ledger.challenge_within(request, new, most).await?
            }
            None => false,
        };
        count("new-code", if sent { "sent" } else { "not-sent" });
        Ok(())
    }

    /// The request, and what a code for it proves: a receipt and a link of the person name theirs, a link of an agent the
    /// agent's.
    async fn request_of(&self, whose: Whose<'_>) -> Result<Option<(RequestId, Purpose)>, DeskError> {
        let token = match whose {
            Whose::Request(request) => return Ok(Some((request, Purpose::Identity))),
            Whose::Link(token) => presented(token),
        };
        let Some(token) = token else { return Ok(None) };
        let record = self.ledger.challenge_by_token(&token).await?;
        let record = record.filter(|record| matches!(record.purpose, Purpose::Identity | Purpose::Agent));
        Ok(record.map(|record| (record.request, record.purpose)))
    }

    /// Compares, at the same cost where there is nothing to compare with.
    pub(super) async fn is_right(&self, code: &Code, tried: Option<&CodeTry>) -> Result<bool, DeskError> {
        let vault = self.challenges.vault();
        let Some(tried) = tried else {
            vault.hash_code(code).await?;
            return Ok(false);
        };
        Ok(vault.verify_code(code, &CodeHash::parse(&tried.code_hash)?).await?)
    }
}

/// Whether that was the last try of a code.
pub(super) fn was_last(tried: Option<&CodeTry>) -> bool {
    tried.is_some_and(|tried| tried.tries_left == 0)
}

fn awaits_proof(of: &OpenRequest) -> bool {
    of.state == RequestState::AwaitingVerification
}
