//! Somebody whom nothing on file fits names something else that they are known by.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use chrono::TimeDelta;
use habeas_domain::{
    EmailAddress, Fault, Letter, Personal, RequestId,
    verification::{Method, VerificationPolicy},
};
use habeas_ledger::OpenRequest;
use habeas_runtime::{Failure, Worker as _};
use habeas_verification::{
    Another, AskAnew, Confirmation, Desk, LinkState, LookUpWorker, OnFileAnswer, Shown,
    on_file::{AskedField, Files, OnFile},
};
use serde_json::json;

use crate::{
    bed::{Bed, other_than},
    both_states::on_both_states,
    mails::token_in,
    step::{KNOWN, ON_FILE, Shop, Step, UNKNOWN, right},
};

on_both_states!(
    what_leads_somewhere_and_what_does_not_look_the_same,
    the_code_of_an_address_on_file_opens_what_is_held_under_it,
    a_code_from_another_mailbox_than_that_on_file_proves_nothing,
    an_address_on_file_is_not_flooded_by_others,
    nothing_can_be_named_before_the_mail_is_confirmed,
    whose_request_goes_on_is_asked_about_at_the_address_on_file,
    who_is_asked_anew_is_not_flooded_and_nobody_learns_whether_anybody_was,
    the_letter_that_found_nothing_leads_there_too,
    of_a_child_nobody_names_anything,
    a_store_that_is_away_is_seen_on_no_page_and_asked_again,
);

/// Names something, and has it looked up as the worker does afterwards.
async fn name(step: &Step, (desk, asked): (&Desk, &Arc<Asked>), token: &str, text: &str) -> Result<bool> {
    let open = desk.name_another(token, &named(text)).await?;
    let failed = step.look_up(Arc::new(Shop::default()), asked).await?;
    anyhow::ensure!(failed.is_empty() || asked.fails, "{failed:?}");
    Ok(open)
}

/// The same where nobody is asked anew.
pub(crate) async fn name_here(step: &Step, token: &str, text: &str) -> Result<bool> {
    name(step, (&step.desk, &Arc::default()), token, text).await
}

impl Step {
    pub(crate) async fn look_up(&self, files: Arc<dyn Files>, asked: &Arc<Asked>) -> Result<Vec<Failure>> {
        let (ledger, challenges) = (self.bed.ledger.clone(), self.bed.challenges.clone());
        let worker = LookUpWorker::new(ledger, challenges, files, Arc::clone(asked) as Arc<dyn AskAnew>);
        Ok(worker.run(self.bed.claim("look-up", Duration::from_mins(1)).await?).await)
    }
}

/// The codes that were mailed to addresses on file.
const CODES: &str = "mail WHERE kind = 'on-file-code'";

pub(crate) fn named(text: &str) -> Personal<String> {
    Personal::new(text.to_owned())
}

async fn what_leads_somewhere_and_what_does_not_look_the_same(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let mut seen = Vec::new();
    for (email, known_by) in [(UNKNOWN, "C-1"), ("else@example.jp", "C-9"), ("third@example.jp", " ")] {
        let (_, token) = step.confirmed(email).await?;
        let offered = step.desk.second_step(&token).await?.context("a second step")?.another;
        let begun = name_here(&step, &token, known_by).await?;
        let wrong = step.desk.try_on_file(&token, "00000000").await?;
        seen.push((offered, begun, wrong));
    }
    assert_eq!(seen, [(true, true, OnFileAnswer::Not); 3]);
    assert_eq!(step.bed.count(CODES).await?, 1, "to the one that is known, at the address on file");
    Ok(())
}

async fn the_code_of_an_address_on_file_opens_what_is_held_under_it(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (request, token) = step.confirmed(UNKNOWN).await?;
    assert_eq!(step.answer(&token, &right).await?, Shown::Not, "nothing is held under the request's address");
    assert!(name_here(&step, &token, ON_FILE).await?);
    let (to, code) = step.bed.on_file_codes().await?.pop().context("a code")?;
    assert_eq!(to, KNOWN);
    assert_eq!(step.desk.try_on_file(&token, &other_than(&code)).await?, OnFileAnswer::Not);
    assert_eq!(step.desk.try_on_file(&token, &code).await?, OnFileAnswer::Noted);
    assert_eq!(step.desk.try_on_file(&token, &code).await?, OnFileAnswer::Not, "once");
    // It opens no gate by itself.
    assert_eq!(step.state(request).await?, "awaiting-verification");
    let open = step.bed.ledger.open_request(request).await?;
    assert_eq!(open.also_proven.len(), 1);
    assert_eq!(open.address(), UNKNOWN, "answers go where they went");
    assert!(step.desk.begin(&token, Method::SmsCode).await?);
    assert_eq!(step.answer(&token, &right).await?, Shown::Proven);
    assert!(!name_here(&step, &token, "C-1").await?, "the step is over");
    assert_eq!(step.desk.try_on_file(&token, &code).await?, OnFileAnswer::NotOpen);
    Ok(())
}

async fn a_code_from_another_mailbox_than_that_on_file_proves_nothing(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (_, token) = step.confirmed(UNKNOWN).await?;
    let (other, others) = step.confirmed("mallory@example.com").await?;
    name_here(&step, &token, KNOWN).await?;
    let (_, code) = step.bed.on_file_codes().await?.pop().context("a code")?;
    assert_eq!(step.desk.try_on_file(&others, &code).await?, OnFileAnswer::Not, "another request's code");
    assert!(step.bed.ledger.open_request(other).await?.also_proven.is_empty());
    step.bed.advance(TimeDelta::minutes(11));
    assert_eq!(step.desk.try_on_file(&token, &code).await?, OnFileAnswer::Not, "too old");
    Ok(())
}

async fn an_address_on_file_is_not_flooded_by_others(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    for n in 0..5 {
        let (_, token) = step.confirmed(&format!("mallory+{n}@example.com")).await?;
        assert!(name_here(&step, &token, "C-1").await?);
    }
    assert_eq!(step.bed.count(CODES).await?, 3, "three a day, whoever names it");
    let (_, token) = step.confirmed("ann@example.com").await?;
    for _ in 0..4 {
        assert!(name_here(&step, &token, "C-9").await?, "how often is told to nobody, either");
    }
    Ok(())
}

async fn nothing_can_be_named_before_the_mail_is_confirmed(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let policy = habeas_domain::verification::VerificationRules::default().high;
    step.bed.request_of(UNKNOWN, policy, None).await?;
    let (token, _) = step.bed.mailed().await?;
    assert!(!name_here(&step, &token, "C-1").await?);
    assert!(!name_here(&step, "nonsense", "C-1").await?);
    assert_eq!(step.desk.try_on_file(&token, "12345678").await?, OnFileAnswer::NotOpen);
    assert!(step.bed.on_file_codes().await?.is_empty());
    Ok(())
}

/// Takes down who is asked anew.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) seen: Mutex<Vec<(RequestId, String)>>,
    fails: bool,
}

#[async_trait]
impl AskAnew for Asked {
    async fn ask_anew(&self, of: &OpenRequest, address: &EmailAddress) -> Result<(), Fault> {
        self.seen.lock().unwrap().push((of.id, address.as_str().to_owned()));
        if self.fails { Err(Fault::temporary("down", "it is down")) } else { Ok(()) }
    }
}

/// A desk that asks anew, over the same stores.
fn asking(step: &Step, fails: bool) -> (Desk, Arc<Asked>) {
    let asked = Arc::new(Asked { fails, ..Asked::default() });
    (step.desk.clone().looking_up(true), asked)
}

/// A request for which the mailed link is enough, and the token of that link.
async fn plain(step: &Step, email: &str) -> Result<(RequestId, String)> {
    let request = step.bed.request_of(email, VerificationPolicy::mail_link(), None).await?;
    let (token, _) = step.bed.mailed().await?;
    assert_eq!(step.desk.another(&token).await?, None, "not before the mail is confirmed");
    assert!(!name_here(step, &token, "C-1").await?);
    step.desk.confirm(&token).await?;
    Ok((request, token))
}

async fn whose_request_goes_on_is_asked_about_at_the_address_on_file(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (desk, asked) = asking(&step, false);
    let (request, token) = plain(&step, UNKNOWN).await?;
    assert_eq!(step.state(request).await?, "resolving");
    assert_eq!(desk.another(&token).await?, Some(Another::Request));
    for something in ["C-9", "C-1", "nobody.else@example.jp", ""] {
        assert!(name(&step, (&desk, &asked), &token, something).await?);
    }
    assert_eq!(
        *asked.seen.lock().unwrap(),
        [(request, KNOWN.to_owned())],
        "at what the stores hold, and nowhere else"
    );
    assert_eq!(desk.try_on_file(&token, "00000000").await?, OnFileAnswer::NotOpen, "no code is sent");
    assert_eq!(step.bed.count(CODES).await?, 0);
    assert!(step.bed.ledger.open_request(request).await?.also_proven.is_empty(), "it proves nothing");
    step.bed.advance(TimeDelta::hours(25));
    assert_eq!(desk.another(&token).await?, None, "the link has ended");
    let (other, more) = step.confirmed("taro@example.jp").await?;
    assert_eq!(
        desk.another(&more).await?,
        Some(Another::Code),
        "where more proof is needed, by code as before"
    );
    assert_eq!(step.state(other).await?, "awaiting-verification");
    Ok(())
}

async fn who_is_asked_anew_is_not_flooded_and_nobody_learns_whether_anybody_was(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (desk, asked) = asking(&step, true);
    for n in 0..5 {
        let (_, token) = plain(&step, &format!("mallory+{n}@example.com")).await?;
        for something in ["C-1", "C-9"] {
            assert!(name(&step, (&desk, &asked), &token, something).await?, "a failure is no answer either");
        }
    }
    assert_eq!(asked.seen.lock().unwrap().len(), 3, "three a day, whoever names it");
    let (_, token) = plain(&step, KNOWN).await?;
    step.bed.advance(TimeDelta::hours(23));
    assert!(name(&step, (&desk, &asked), &token, KNOWN).await?, "their own address");
    assert_eq!(asked.seen.lock().unwrap().len(), 3, "which is being looked at anyway");
    Ok(())
}

async fn the_letter_that_found_nothing_leads_there_too(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (desk, asked) = asking(&step, false);
    let (request, _) = plain(&step, UNKNOWN).await?;
    let token = step.bed.ledger.another_token(request).expose().to_string();
    assert_eq!(desk.another(&token).await?, None, "there is no such letter yet");
    step.bed.found_nothing(request).await?;
    let letters: Vec<_> = step.bed.mails().await?.into_iter().filter_map(|mail| mail.another).collect();
    let letters: Vec<&String> = letters.iter().map(Personal::expose).collect();
    assert_eq!(letters, [&token, &token], "one for each right, with one link");
    assert_eq!(step.state(request).await?, "closed");
    step.bed.advance(TimeDelta::days(29));
    assert_eq!(desk.another(&token).await?, Some(Another::Request));
    assert!(name(&step, (&desk, &asked), &token, "C-1").await?);
    assert_eq!(*asked.seen.lock().unwrap(), [(request, KNOWN.to_owned())]);
    assert_eq!(desk.confirm(&token).await?, Confirmation::NotValid, "it confirms nothing");
    assert_eq!(desk.look(&token).await?, LinkState::NotValid);
    step.bed.advance(TimeDelta::days(2));
    assert_eq!(desk.another(&token).await?, None);
    Ok(())
}

async fn of_a_child_nobody_names_anything(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (desk, asked) = asking(&step, false);
    let value = json!({ "subject": { "email": UNKNOWN }, "rights": ["access"], "child": {} });
    step.bed.submitted(&value, VerificationPolicy::guardian()).await?;
    let claimed = step.bed.claim("challenge", Duration::from_mins(1)).await?;
    anyhow::ensure!(step.bed.worker().run(claimed).await.is_empty(), "the worker failed");
    let mails = step.bed.mails().await?;
    let link = mails.iter().find_map(|mail| match &mail.letter {
        Letter::VerifyChild { link, .. } => Some(token_in(link.expose())),
        _ => None,
    });
    let token = link.context("a mail to the child")?;
    desk.confirm(&token).await?;
    assert_eq!(desk.another(&token).await?, None);
    assert!(!name(&step, (&desk, &asked), &token, "C-1").await?);
    Ok(())
}

/// Stores of which one is away.
struct Away;

#[async_trait]
impl Files for Away {
    fn asked(&self) -> Vec<AskedField> {
        Vec::new()
    }

    async fn of(&self, _: &EmailAddress) -> Result<OnFile, Fault> {
        Err(Fault::temporary("store-away", "no answer"))
    }

    async fn lead(&self, _: &Personal<String>) -> Result<Option<EmailAddress>, Fault> {
        Err(Fault::temporary("store-away", "no answer"))
    }
}

async fn a_store_that_is_away_is_seen_on_no_page_and_asked_again(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (_, token) = step.confirmed(UNKNOWN).await?;
    assert!(step.desk.name_another(&token, &named("C-1")).await?, "the page waits for no store");
    assert_eq!(step.bed.count("verification_step WHERE method LIKE 'named/%'").await?, 1, "kept sealed");
    let failed = step.look_up(Arc::new(Away), &Arc::default()).await?;
    assert_eq!((failed.len(), failed[0].fault.code.as_str()), (1, "store-away"));
    assert_eq!(step.bed.count(CODES).await?, 0);
    let leases: Vec<_> = failed.iter().map(|one| one.lease).collect();
    step.bed.ledger.release(&leases).await?;
    assert!(step.look_up(Arc::new(Shop::default()), &Arc::default()).await?.is_empty());
    assert_eq!(step.bed.count(CODES).await?, 1);
    assert_eq!(step.bed.count("verification_step WHERE method LIKE 'named/%'").await?, 0, "and forgotten");
    Ok(())
}
