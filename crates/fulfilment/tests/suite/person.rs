//! What the person does: ask, prove who they are, confirm a new address.

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use habeas_domain::{
    Actor, Channel, Clock, Language, Letter, Personal, RegimeId, RequestId, Right, WorkKind,
    submission::{Submission, SubmissionDefaults},
};
use habeas_ledger::{NewChallenge, NewRequest, Purpose};
use habeas_test_support::wait;
use habeas_vault::Token;
use serde_json::{Value, json};

use crate::company::{Company, SOON};

impl Company {
    /// A verified request. With corrections, `(category, type, value)` each.
    pub(crate) async fn submit(
        &self,
        email: &str,
        rights: &[Right],
        corrections: &[(&str, &str, &str)],
    ) -> Result<RequestId> {
        let mut body = json!({ "subject": { "email": email }, "rights": rights });
        if !corrections.is_empty() {
            let wanted = corrections
                .iter()
                .map(|(category, kind, value)| json!({ "category": category, "type": kind, "value": value }));
            body["corrections"] = wanted.collect();
        }
        let new = self.screened(&body);
        let [accepted] = &self.ledger.accept(vec![new]).await?[..] else { panic!("one answer") };
        let request = accepted.as_ref().map_err(|refused| anyhow::anyhow!("{refused}"))?.id;
        self.verify(request).await?;
        Ok(request)
    }

    pub(crate) fn screened(&self, body: &Value) -> NewRequest {
        let now = self.clock.now();
        let defaults = SubmissionDefaults {
            regime: RegimeId::new("eu_gdpr").unwrap(),
            language: Language::En,
            channel: Channel::Api,
            now,
            regimes: &self.fulfilment.regimes,
        };
        NewRequest {
            submission: Submission::read(body, &defaults).unwrap(),
            submitted_by: Actor::System,
            idempotency_key: None,
            deadline: habeas_domain::Deadline::fixed(
                now,
                now + TimeDelta::days(30),
                habeas_domain::Bilingual { en: "in a test".to_owned(), ja: "テスト".to_owned() },
            ),
            lapse_at: now + TimeDelta::days(7),
            policies: Right::ALL.into_iter().map(|right| (right, self.policy)).collect(),
            verification: habeas_domain::verification::VerificationPolicy::mail_link(),
            agents: habeas_domain::AgentTerms::default(),
            batch: None,
            asked_in: None,
            receipt: true,
            law_not_taken: None,
        }
    }

    /// Plays the challenge worker and the person.
    async fn verify(&self, request: RequestId) -> Result<()> {
        let work = self.work(request, WorkKind::Challenge).await?;
        let claimed = self.claim(&work).await?;
        let token = self.ledger.vault().new_token();
        let ends = self.clock.now() + TimeDelta::hours(24);
        let challenge = NewChallenge {
            purpose: Purpose::Identity,
            link: Some((token.hash(), ends)),
            code: None,
            tries: 0,
            package: None,
            to: Personal::new("person@example.com".to_owned()),
            letter: Letter::Lapsed { rights: Vec::new() },
        };
        self.ledger.challenged(vec![(claimed[0].lease, request, challenge)]).await?;
        self.confirm(&token).await
    }

    async fn confirm(&self, token: &Token) -> Result<()> {
        let challenge = self.ledger.challenge_by_token(&token.hash()).await?.context("no such link")?;
        assert!(self.ledger.prove(challenge.id).await?);
        Ok(())
    }

    /// Follows the link that a new address was sent.
    pub(crate) async fn confirm_new_address(&self, request: RequestId) -> Result<()> {
        let link = wait::value("the link", SOON, || async {
            self.post.letters(request).into_iter().find_map(|letter| match letter {
                Letter::ConfirmNewAddress { link, .. } => Some(link),
                _ => None,
            })
        })
        .await?;
        let token = link.expose().rsplit('/').next().context("no token")?;
        self.confirm(&Token::parse(token)?).await
    }
}
