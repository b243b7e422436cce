use std::sync::Arc;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use habeas_domain::{Actor, Fault, Letter};
use habeas_ledger::PackageRecord;
use habeas_verification::{Confirmation, DownloadAnswer, Grant, LinkState, RenewLinks};

use crate::{
    bed::{Bed, other_than},
    both_states::on_both_states,
};

on_both_states!(
    a_code_gives_a_permission_that_fetches_once,
    a_permission_fits_its_own_package_only,
    a_permission_outlives_its_code_by_a_quarter_of_an_hour,
    twenty_fetches_at_once_are_one,
    a_hundred_download_guesses_at_once_are_five_tries,
    a_code_for_one_package_opens_no_other,
    a_package_that_is_used_up_or_ended_sends_no_codes,
    download_codes_are_limited_by_the_day,
    a_link_that_somebody_guesses_behind_is_renewed_once,
    the_page_of_a_package_can_be_looked_at,
);

/// Gives a package the next link.
struct NextLink(habeas_ledger::Ledger, std::sync::Mutex<Vec<String>>);

#[async_trait::async_trait]
impl RenewLinks for NextLink {
    async fn renew_link(&self, package: &PackageRecord) -> Result<(), Fault> {
        let token = self.0.vault().new_token();
        let (by, ends) = (Actor::System, package.expires_at);
        self.0.renew_package(package.id, token.hash(), ends, 3, by).await?;
        self.1.lock().unwrap().push(token.expose().as_str().to_owned());
        Ok(())
    }
}

impl Bed {
    /// Asks for a code and reads it in the mail.
    async fn download_code(&self, package: &str) -> Result<String> {
        self.desk.send_download_code(package).await?;
        self.download_codes().await?.pop().context("no code came")
    }

    async fn grant(&self, package: &str, code: &str) -> Result<Grant> {
        match self.desk.try_download_code(package, code).await? {
            DownloadAnswer::Granted(grant) => Ok(grant),
            other => anyhow::bail!("{other:?}"),
        }
    }
}

async fn a_code_gives_a_permission_that_fetches_once(bed: Bed) -> Result<()> {
    let (request, ..) = bed.challenged(1).await?;
    let (id, package) = bed.package(request, 3).await?;
    bed.desk.send_download_code(&package).await?;
    let mails = bed.mails().await?;
    let mail = mails.iter().find(|mail| mail.letter.kind() == "download-code").context("no mail")?;
    assert_eq!(mail.to.expose(), "hanako+1@example.jp");
    let Letter::DownloadCode { code, .. } = &mail.letter else { panic!("another letter") };
    let grant = bed.grant(&package, code.expose()).await?;
    let again = bed.grant(&package, code.expose()).await?;
    assert_eq!(grant, again, "one permission, however often its code is typed");
    let shown = Grant::presented(grant.expose());
    let fetched = bed.desk.redeem(&package, &shown).await?.context("refused")?;
    assert_eq!((fetched.id, fetched.downloads_left), (id, 2));
    assert_eq!(bed.desk.redeem(&package, &shown).await?, None);
    assert_eq!(bed.desk.try_download_code(&package, code.expose()).await?, DownloadAnswer::Refused);
    assert!(!format!("{grant:?}").contains(grant.expose()));
    Ok(())
}

async fn a_permission_fits_its_own_package_only(bed: Bed) -> Result<()> {
    let (request, ..) = bed.challenged(1).await?;
    let (_, mine) = bed.package(request, 3).await?;
    let (_, other) = bed.package(request, 3).await?;
    let code = bed.download_code(&mine).await?;
    let grant = bed.grant(&mine, &code).await?;
    assert_eq!(bed.desk.redeem(&other, &grant).await?, None);
    for text in ["", "x", &"0".repeat(64), &grant.expose()[1..], &mine] {
        assert_eq!(bed.desk.redeem(&mine, &Grant::presented(text)).await?, None, "{text}");
    }
    // As a link it opens nothing either.
    assert_eq!(bed.desk.look(grant.expose()).await?, LinkState::NotValid);
    assert_eq!(bed.desk.confirm(grant.expose()).await?, Confirmation::NotValid);
    assert!(bed.desk.redeem(&mine, &grant).await?.is_some());
    Ok(())
}

async fn a_permission_outlives_its_code_by_a_quarter_of_an_hour(bed: Bed) -> Result<()> {
    let (request, ..) = bed.challenged(1).await?;
    let (_, package) = bed.package(request, 3).await?;
    let code = bed.download_code(&package).await?;
    let grant = bed.grant(&package, &code).await?;
    bed.advance(TimeDelta::minutes(10));
    assert_eq!(bed.desk.try_download_code(&package, &code).await?, DownloadAnswer::Refused);
    bed.advance(TimeDelta::minutes(15));
    assert_eq!(bed.desk.redeem(&package, &grant).await?, None);
    Ok(())
}

async fn twenty_fetches_at_once_are_one(bed: Bed) -> Result<()> {
    let (request, ..) = bed.challenged(1).await?;
    let (_, package) = bed.package(request, 3).await?;
    let code = bed.download_code(&package).await?;
    let grant = bed.grant(&package, &code).await?;
    let asked = (0..20).map(|_| bed.desk.redeem(&package, &grant));
    let fetched = futures::future::join_all(asked).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(fetched.iter().flatten().count(), 1);
    assert_eq!(bed.number("SELECT downloads_left AS n FROM package").await?, 2);
    Ok(())
}

async fn a_hundred_download_guesses_at_once_are_five_tries(bed: Bed) -> Result<()> {
    let (request, ..) = bed.challenged(1).await?;
    let (_, package) = bed.package(request, 3).await?;
    let code = bed.download_code(&package).await?;
    let wrong = other_than(&code);
    let guesses = (0..100).map(|_| bed.desk.try_download_code(&package, &wrong));
    for answer in futures::future::join_all(guesses).await {
        assert_eq!(answer?, DownloadAnswer::Refused);
    }
    assert_eq!(bed.number("SELECT tries_left AS n FROM challenge WHERE purpose = 'download'").await?, 0);
    assert_eq!(bed.desk.try_download_code(&package, &code).await?, DownloadAnswer::Refused);
    Ok(())
}

async fn a_code_for_one_package_opens_no_other(bed: Bed) -> Result<()> {
    let (request, _, identity_code) = bed.challenged(1).await?;
    let (_, mine) = bed.package(request, 3).await?;
    let (stranger, ..) = bed.challenged(2).await?;
    let (_, other) = bed.package(stranger, 3).await?;
    let code = bed.download_code(&mine).await?;
    bed.desk.send_download_code(&other).await?;
    assert_eq!(bed.desk.try_download_code(&other, &code).await?, DownloadAnswer::Refused);
    assert_eq!(bed.desk.try_download_code(&mine, &identity_code).await?, DownloadAnswer::Refused);
    let as_identity = bed.desk.try_code(habeas_verification::Whose::Request(request), &code).await?;
    assert_eq!(as_identity, habeas_verification::CodeAnswer::Refused);
    assert!(bed.grant(&mine, &code).await.is_ok());
    Ok(())
}

async fn a_package_that_is_used_up_or_ended_sends_no_codes(bed: Bed) -> Result<()> {
    let (request, ..) = bed.challenged(1).await?;
    let (_, used_up) = bed.package(request, 0).await?;
    let (_, ending) = bed.package(request, 3).await?;
    bed.desk.send_download_code(&used_up).await?;
    assert!(bed.download_codes().await?.is_empty());
    bed.advance(TimeDelta::days(7) - TimeDelta::minutes(1));
    let code = bed.download_code(&ending).await?;
    let grant = bed.grant(&ending, &code).await?;
    bed.advance(TimeDelta::minutes(1));
    assert_eq!(bed.desk.redeem(&ending, &grant).await?, None);
    bed.desk.send_download_code(&ending).await?;
    assert!(bed.download_codes().await?.is_empty());
    Ok(())
}

async fn download_codes_are_limited_by_the_day(bed: Bed) -> Result<()> {
    let (request, ..) = bed.challenged(1).await?;
    let (_, package) = bed.package(request, 3).await?;
    let askings = (0..20).map(|_| bed.desk.send_download_code(&package));
    for answer in futures::future::join_all(askings).await {
        answer?;
    }
    assert_eq!(bed.download_codes().await?.len(), 6);
    bed.advance(TimeDelta::hours(24));
    bed.download_code(&package).await?;
    Ok(())
}

/// By wrong codes, and by ordering one code after another so that hers are void: 20 at once are one new link.
async fn a_link_that_somebody_guesses_behind_is_renewed_once(bed: Bed) -> Result<()> {
    let (request, ..) = bed.challenged(1).await?;
    let (_, first) = bed.package(request, 3).await?;
    let renewed = Arc::new(NextLink(bed.ledger.clone(), std::sync::Mutex::default()));
    let mut bed = bed;
    bed.desk = bed.desk.clone().with_renewals(renewed.clone());
    let links = || renewed.1.lock().unwrap().clone();
    let wrong = other_than(&bed.download_code(&first).await?);
    let guesses = (0..20).map(|_| bed.desk.try_download_code(&first, &wrong));
    futures::future::join_all(guesses).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(links().len(), 1);
    assert_eq!(bed.desk.look_at_package(&first).await?, None, "the link that is known has ended");
    let second = links().remove(0);
    let askings = (0..20).map(|_| bed.desk.send_download_code(&second));
    futures::future::join_all(askings).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(links().len(), 2);
    let signs = bed.ledger.request_view(request).await?.signs;
    assert!(signs.iter().any(|sign| sign.guessed == habeas_ledger::Guessed::Download), "{signs:?}");
    Ok(())
}

async fn the_page_of_a_package_can_be_looked_at(bed: Bed) -> Result<()> {
    let (request, ..) = bed.challenged(1).await?;
    let (_, package) = bed.package(request, 3).await?;
    for _ in 0..50 {
        let page = bed.desk.look_at_package(&package).await?.context("no page")?;
        assert_eq!((page.language.as_str(), page.downloads_left), ("ja", 3));
    }
    assert_eq!(bed.number("SELECT downloads_left AS n FROM package").await?, 3);
    assert_eq!(bed.desk.look_at_package("x").await?, None);
    assert_eq!(bed.desk.look_at_package(&"A".repeat(43)).await?, None);
    Ok(())
}
