//! What an agent proves, what they may receive, and how the person ends it.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use habeas_domain::{
    Actor, AgentReason, Letter, RequestId, TokenId, TypedId, verification::VerificationPolicy,
};
use habeas_ledger::{MailToSend, Purpose};
use habeas_runtime::Worker;
use habeas_vault::Token;
use habeas_verification::{CodeAnswer, Confirmation, DownloadAnswer, LinkState, Whose};
use serde_json::json;

use crate::{
    bed::{Bed, other_than},
    both_states::on_both_states,
    mails::token_in,
};

on_both_states!(
    an_agent_shows_their_address_before_anybody_is_written_to,
    a_forged_agent_address_gets_one_link_one_word_at_the_end_and_nobody_else_any,
    an_agents_code_is_as_good_as_their_link_and_no_persons,
    an_agents_guesses_are_limited_and_take_nothing_from_the_person,
    a_known_agent_is_not_asked_again,
    the_results_go_to_the_agent_only_on_the_persons_word,
    the_persons_word_ends_what_the_agent_may_fetch,
    the_link_that_ends_it_is_the_same_in_every_mail,
    a_barred_agents_links_and_codes_do_nothing,
);

const ALEX: &str = "alex@agents.example";

struct AgentMail {
    token: String,
    code: String,
}

impl Bed {
    async fn by_agent(&self, person: &str) -> Result<RequestId> {
        self.by_agent_with(person, VerificationPolicy::mail_link()).await
    }

    async fn by_agent_with(&self, person: &str, policy: VerificationPolicy) -> Result<RequestId> {
        let value = json!({
            "subject": { "email": person, "name": "山田 花子" }, "rights": ["access"],
            "agent": { "name": "Alex Agent", "email": ALEX, "mandate": "signed-permission" },
        });
        self.submitted(&value, policy).await
    }

    /// Runs the challenges that are due, and returns every mail that was ordered since.
    async fn work(&self) -> Result<Vec<MailToSend>> {
        let claimed = self.claim("challenge", Duration::from_mins(1)).await?;
        anyhow::ensure!(self.worker().run(claimed).await.is_empty(), "the worker failed");
        self.mails().await
    }

    async fn agent_mail(&self) -> Result<AgentMail> {
        let mails = self.work().await?;
        let found = mails.iter().find_map(|mail| match &mail.letter {
            Letter::VerifyAgent { link, code, .. } => {
                Some(AgentMail { token: token_in(link.expose()), code: code.expose().clone() })
            }
            _ => None,
        });
        found.context("no mail to the agent")
    }

    /// The agent whose mail is the newest presses the button.
    pub(crate) async fn agent_confirms(&self) -> Result<()> {
        let mail = self.agent_mail().await?;
        assert_eq!(self.desk.confirm(&mail.token).await?, Confirmation::AgentProven);
        Ok(())
    }

    /// A request of an agent who has shown their address, and the token of its person's link.
    async fn of_known_agent(&self, person: &str) -> Result<(RequestId, String)> {
        self.of_known_agent_with(person, VerificationPolicy::mail_link()).await
    }

    /// The same, of a request that takes this much.
    pub(crate) async fn of_known_agent_with(
        &self,
        person: &str,
        policy: VerificationPolicy,
    ) -> Result<(RequestId, String)> {
        let request = self.by_agent_with(person, policy).await?;
        self.agent_confirms().await?;
        Ok((request, self.link_of_person().await?))
    }

    async fn link_of_person(&self) -> Result<String> {
        let mails = self.work().await?;
        let found = mails.iter().find_map(|mail| match &mail.letter {
            Letter::VerifyForAgent { link, .. } => Some(token_in(link.expose())),
            _ => None,
        });
        found.context("no mail to the person")
    }

    /// The agent's own way to a package of a request.
    async fn agent_package(&self, request: RequestId, downloads: i64) -> Result<(String, String)> {
        let (id, persons) = self.package(request, 3).await?;
        let token = Token::generate(&habeas_domain::SystemEntropy);
        self.give_to_agent(id, &token, downloads).await?;
        Ok((persons, token.expose().to_string()))
    }
}

fn kinds(mails: &[MailToSend]) -> Vec<&'static str> {
    let mut kinds: Vec<&str> = mails.iter().map(|mail| mail.letter.kind()).collect();
    kinds.sort_unstable();
    kinds
}

fn staff() -> Actor {
    Actor::Token(TokenId::from_uuid(uuid::Uuid::from_u128(7)))
}

async fn an_agent_shows_their_address_before_anybody_is_written_to(bed: Bed) -> Result<()> {
    let request = bed.by_agent("hanako@example.jp").await?;
    let mails = bed.work().await?;
    assert_eq!(mails.len(), 1, "to the agent alone");
    let mail = &mails[0];
    assert_eq!((mail.to.expose().as_str(), mail.letter.kind()), (ALEX, "verify-agent"));
    assert_eq!(mail.name.expose(), &None, "and it names nobody");
    assert!(mail.agent_end.is_none());
    let Letter::VerifyAgent { link, .. } = &mail.letter else { panic!("another letter") };
    let token = token_in(link.expose());
    for _ in 0..50 {
        assert!(matches!(bed.desk.look(&token).await?, LinkState::Open { purpose: Purpose::Agent, .. }));
    }
    assert!(bed.work().await?.is_empty(), "a scanner that looks proves nothing");
    assert_eq!(bed.desk.confirm(&token).await?, Confirmation::AgentProven);
    let again = bed.desk.confirm(&token).await?;
    assert!(matches!(again, Confirmation::AlreadyUsed(Purpose::Agent, _)), "once: {again:?}");
    assert!(matches!(bed.desk.look(&token).await?, LinkState::Used { purpose: Purpose::Agent, .. }));
    let mails = bed.work().await?;
    assert_eq!(kinds(&mails), ["received", "verify-for-agent"]);
    assert!(mails.iter().all(|mail| mail.to.expose() == "hanako@example.jp" && mail.agent_end.is_some()));
    assert_eq!(bed.state_of(request).await?, "awaiting-verification", "whatever the agent can show");
    Ok(())
}

async fn a_forged_agent_address_gets_one_link_one_word_at_the_end_and_nobody_else_any(
    bed: Bed,
) -> Result<()> {
    for n in 0..20 {
        bed.by_agent(&format!("hanako+{n}@example.jp")).await?;
    }
    let mails = bed.work().await?;
    assert_eq!(mails.iter().map(|mail| mail.to.expose().as_str()).collect::<Vec<_>>(), [ALEX]);
    bed.advance(TimeDelta::days(31));
    assert_eq!(bed.ledger.lapse_unverified(100).await?, 20);
    let told: Vec<(String, &str)> =
        bed.work().await?.iter().map(|mail| (mail.to.expose().clone(), mail.letter.kind())).collect();
    assert_eq!(told, [(ALEX.to_owned(), "agent-lapsed")], "one for all");
    assert_eq!(bed.count("challenge WHERE purpose = 'identity'").await?, 0);
    Ok(())
}

async fn an_agents_code_is_as_good_as_their_link_and_no_persons(bed: Bed) -> Result<()> {
    let request = bed.by_agent("hanako@example.jp").await?;
    let mail = bed.agent_mail().await?;
    let as_person = bed.desk.try_code(Whose::Request(request), &mail.code).await?;
    assert_eq!(as_person, CodeAnswer::Refused, "it proves nothing of the person");
    let wrong = other_than(&mail.code);
    assert_eq!(bed.desk.try_code(Whose::Link(&mail.token), &wrong).await?, CodeAnswer::Refused);
    bed.desk.send_new_code(Whose::Request(request)).await?;
    assert!(bed.mails().await?.is_empty(), "nor is the person mailed because somebody knows the request");
    bed.advance(TimeDelta::seconds(1));
    bed.desk.send_new_code(Whose::Link(&mail.token)).await?;
    let fresh = bed.mails().await?;
    assert_eq!((fresh.len(), fresh[0].to.expose().as_str()), (1, ALEX));
    let Letter::VerifyAgent { code, .. } = &fresh[0].letter else { panic!("another letter") };
    assert_eq!(bed.desk.try_code(Whose::Link(&mail.token), &mail.code).await?, CodeAnswer::Refused, "void");
    assert_eq!(bed.desk.try_code(Whose::Link(&mail.token), code.expose()).await?, CodeAnswer::AgentProven);
    assert_eq!(bed.desk.try_code(Whose::Link(&mail.token), code.expose()).await?, CodeAnswer::Refused);
    assert_eq!(bed.state_of(request).await?, "awaiting-verification");
    bed.link_of_person().await?;
    Ok(())
}

async fn an_agents_guesses_are_limited_and_take_nothing_from_the_person(bed: Bed) -> Result<()> {
    bed.by_agent("hanako@example.jp").await?;
    let mail = bed.agent_mail().await?;
    let wrong = other_than(&mail.code);
    let guesses = (0..100).map(|_| bed.desk.try_code(Whose::Link(&mail.token), &wrong));
    for answer in futures::future::join_all(guesses).await {
        assert_eq!(answer?, CodeAnswer::Refused);
    }
    assert_eq!(bed.desk.try_code(Whose::Link(&mail.token), &mail.code).await?, CodeAnswer::Refused);
    assert_eq!(bed.count("verification_attempt WHERE method = 'mail-code'").await?, 0);
    assert_eq!(bed.desk.confirm(&mail.token).await?, Confirmation::AgentProven, "the link still works");
    Ok(())
}

async fn a_known_agent_is_not_asked_again(bed: Bed) -> Result<()> {
    bed.of_known_agent("hanako@example.jp").await?;
    bed.advance(TimeDelta::days(29));
    bed.by_agent("taro@example.com").await?;
    let mails = bed.work().await?;
    assert!(mails.iter().all(|mail| mail.to.expose() == "taro@example.com"), "the person is asked at once");
    bed.advance(TimeDelta::days(1));
    bed.by_agent("jiro@example.com").await?;
    let mails = bed.work().await?;
    assert_eq!(mails.iter().map(|mail| mail.to.expose().as_str()).collect::<Vec<_>>(), [ALEX]);
    Ok(())
}

async fn the_results_go_to_the_agent_only_on_the_persons_word(bed: Bed) -> Result<()> {
    let (silent, link) = bed.of_known_agent("hanako@example.jp").await?;
    assert!(matches!(bed.desk.confirm(&link).await?, Confirmation::Confirmed(_)));
    let (_, agents) = bed.agent_package(silent, 3).await?;
    assert_eq!(bed.desk.look_at_package(&agents).await?, None, "even if there were such a link");
    let request = bed.by_agent("taro@example.com").await?;
    let link = bed.link_of_person().await?;
    assert!(matches!(bed.desk.confirm_for_agent(&link).await?, Confirmation::Confirmed(_)));
    let (persons, agents) = bed.agent_package(request, 1).await?;
    bed.desk.send_download_code(&agents).await?;
    let mails = bed.mails().await?;
    let mail = mails.iter().find(|mail| mail.letter.kind() == "agent-download-code").context("no code")?;
    assert_eq!((mail.to.expose().as_str(), mail.name.expose()), (ALEX, &None));
    assert!(mail.agent_end.is_none(), "how the person ends it is not for the agent");
    let Letter::AgentDownloadCode { code, .. } = &mail.letter else { panic!("another letter") };
    assert_eq!(bed.desk.try_download_code(&persons, code.expose()).await?, DownloadAnswer::Refused);
    let DownloadAnswer::Granted(grant) = bed.desk.try_download_code(&agents, code.expose()).await? else {
        panic!("refused")
    };
    assert_eq!(bed.desk.redeem(&persons, &grant).await?, None, "each has their own way");
    assert!(bed.desk.redeem(&agents, &grant).await?.is_some());
    assert_eq!(bed.desk.look_at_package(&agents).await?, None, "fetched as often as they may");
    assert!(bed.desk.look_at_package(&persons).await?.is_some(), "which takes nothing from the person");
    Ok(())
}

async fn the_persons_word_ends_what_the_agent_may_fetch(bed: Bed) -> Result<()> {
    let (request, link) = bed.of_known_agent("hanako@example.jp").await?;
    assert!(matches!(bed.desk.confirm_for_agent(&link).await?, Confirmation::Confirmed(_)));
    let (persons, agents) = bed.agent_package(request, 3).await?;
    bed.desk.send_download_code(&agents).await?;
    let mails = bed.mails().await?;
    let code = mails.iter().find_map(|mail| match &mail.letter {
        Letter::AgentDownloadCode { code, .. } => Some(code.expose().clone()),
        _ => None,
    });
    let DownloadAnswer::Granted(grant) =
        bed.desk.try_download_code(&agents, &code.context("no code")?).await?
    else {
        panic!("refused")
    };
    let end = bed.ledger.agent_end_token(request).expose().to_string();
    assert!(matches!(bed.desk.look(&end).await?, LinkState::Open { purpose: Purpose::AgentEnd, .. }));
    assert_eq!(bed.desk.confirm(&end).await?, Confirmation::AgentEnded);
    assert_eq!(bed.desk.redeem(&agents, &grant).await?, None, "a permission that was given ends, too");
    assert_eq!(bed.desk.look_at_package(&agents).await?, None);
    assert!(bed.desk.look_at_package(&persons).await?.is_some());
    assert_eq!(bed.desk.look(&end).await?, LinkState::AgentEnded);
    assert_eq!(bed.desk.confirm(&end).await?, Confirmation::AgentEnded, "and is shown again");
    assert_eq!(bed.state_of(request).await?, "resolving", "the request goes on for the person");
    Ok(())
}

async fn the_link_that_ends_it_is_the_same_in_every_mail(bed: Bed) -> Result<()> {
    let request = bed.by_agent("hanako@example.jp").await?;
    let mail = bed.agent_mail().await?;
    bed.desk.confirm(&mail.token).await?;
    let mails = bed.work().await?;
    let ends: std::collections::BTreeSet<String> =
        mails.iter().filter_map(|mail| Some(mail.agent_end.as_ref()?.expose().clone())).collect();
    let end = bed.ledger.agent_end_token(request).expose().to_string();
    assert_eq!((mails.len(), ends.into_iter().collect::<Vec<_>>()), (2, vec![end.clone()]));
    let other = bed.by_agent("taro@example.com").await?;
    assert_ne!(bed.ledger.agent_end_token(other).expose().to_string(), end, "each request its own");
    assert_eq!(bed.desk.confirm(&end).await?, Confirmation::AgentEnded);
    assert_eq!(bed.state_of(request).await?, "closed", "nobody had confirmed it");
    assert_eq!(bed.state_of(other).await?, "awaiting-verification");
    let told: Vec<String> = bed.mails().await?.iter().map(|mail| mail.letter.kind().to_owned()).collect();
    assert!(told.contains(&"job-withdrawn".to_owned()), "{told:?}");
    Ok(())
}

async fn a_barred_agents_links_and_codes_do_nothing(bed: Bed) -> Result<()> {
    let request = bed.by_agent("hanako@example.jp").await?;
    let mail = bed.agent_mail().await?;
    let agent = bed.ledger.list_agents().await?.items[0].id;
    bed.ledger.bar_agent(agent, AgentReason::ForgedMandate, staff()).await?;
    assert_eq!(bed.desk.confirm(&mail.token).await?, Confirmation::NotValid);
    assert_eq!(bed.desk.try_code(Whose::Link(&mail.token), &mail.code).await?, CodeAnswer::Refused);
    bed.desk.send_new_code(Whose::Link(&mail.token)).await?;
    assert!(bed.work().await?.is_empty());
    bed.ledger.drop_agent(request, staff()).await?;
    let mails = bed.work().await?;
    assert_eq!(kinds(&mails), ["received", "verify"], "the person is asked, and no agent is named");
    assert!(mails.iter().all(|mail| mail.agent_end.is_none() && mail.to.expose() == "hanako@example.jp"));
    Ok(())
}
