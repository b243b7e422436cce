use habeas_domain::{RequestId, RequestState};
use habeas_ledger::{Attempt, CodeTry, Guessed, LedgerError, OpenRequest, Presented, Proof, Purpose};
use habeas_vault::{Code, CodeHash};

use super::{CodeAnswer, Desk, DeskError, Whose, count, presented};

impl Desk {
    /// Tries the code that a person typed to prove who they are. Counted before it is judged.
    pub async fn try_code(&self, whose: Whose<'_>, typed: &str) -> Result<CodeAnswer, DeskError> {
        let Ok(code) = Code::parse(typed) else { return Ok(CodeAnswer::Malformed) };
        let answer = self.paced(Box::pin(self.try_identity(whose, &code))).await?;
        let confirmed = matches!(answer, CodeAnswer::Confirmed(_));
        count("code", if confirmed { "confirmed" } else { "refused" });
        Ok(answer)
    }

    async fn try_identity(&self, whose: Whose<'_>, code: &Code) -> Result<CodeAnswer, DeskError> {
        let request = self.request_of(whose).await?;
        let tried = match request {
            Some(request) if self.may_try(request).await? => {
                self.ledger.try_code(request, Purpose::Identity, None).await?
            }
            Some(_) | None => None,
        };
        let right = self.is_right(code, tried.as_ref()).await?;
        if let Some(request) = request.filter(|_| !right && was_last(tried.as_ref())) {
            self.guessed(request, Guessed::Identity).await?;
        }
        let (Some(tried), true) = (tried, right) else { return Ok(CodeAnswer::Refused) };
        Ok(match self.proofs.prove(Presented::Challenge(tried.challenge)).await? {
            Proof::Proven(proven) => CodeAnswer::Confirmed(proven),
            Proof::Used | Proof::NotValid => CodeAnswer::Refused,
        })
    }

    /// Over all of a person's requests, so that many requests give no more guesses.
    async fn may_try(&self, request: RequestId) -> Result<bool, DeskError> {
        let most = self.challenges.options().code_tries_a_day;
        match self.ledger.attempt(request, Attempt::MailCode, most).await {
            Ok(true) => Ok(true),
            Ok(false) => self.guessed(request, Guessed::Identity).await.map(|()| false),
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
        let request = self.request_of(whose).await?;
        let code = self.challenges.code().await?;
        let Some(request) = request else { return Ok(()) };
        let _turn = self.turns.of(request).await;
        let of = self.open(request).await?.filter(awaits_proof);
        let sent = match of {
            Some(of) => {
                let most = self.challenges.options().codes_a_day;
                self.ledger.challenge_within(request, self.challenges.identity(&of, &code), most).await?
            }
            None => false,
        };
        count("new-code", if sent { "sent" } else { "not-sent" });
        Ok(())
    }

    async fn request_of(&self, whose: Whose<'_>) -> Result<Option<RequestId>, DeskError> {
        let token = match whose {
            Whose::Request(request) => return Ok(Some(request)),
            Whose::Link(token) => presented(token),
        };
        let Some(token) = token else { return Ok(None) };
        let record = self.ledger.challenge_by_token(&token).await?;
        Ok(record.filter(|record| record.purpose == Purpose::Identity).map(|record| record.request))
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
