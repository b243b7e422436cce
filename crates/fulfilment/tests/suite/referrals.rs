//! What is held for another company: the person is referred there, and it is told, whether or not there is anything.

use std::sync::Arc;

use anyhow::Result;
use habeas_domain::{Letter, Outcome, Right, WorkKind, letter::JobReport};
use habeas_fulfilment::Fulfilment;

use crate::{
    company::{Company, Lanes, TARO},
    manifests::registry_for_a_client,
};

/// Whoever is nowhere in the company's stores.
const NOBODY: &str = "nobody@example.com";

/// The letter about the end, the mails to the client, and the stores that had a task.
async fn asked(
    email: &str,
    rights: &[Right],
    alone: bool,
) -> Result<(Vec<JobReport>, Vec<Letter>, Vec<String>)> {
    let company = Company::with_taro().await?;
    let before = company.rows("support", "SELECT address FROM ticket ORDER BY id").await?;
    let fulfilment =
        Fulfilment { registry: Arc::new(registry_for_a_client(alone)), ..company.fulfilment.clone() };
    company.start_with(&fulfilment, Lanes::All);
    let request = company.submit(email, rights, &[]).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert_eq!(company.rows("support", "SELECT address FROM ticket ORDER BY id").await?, before);
    let told = company.post.letters(request).into_iter();
    let told = told.filter(|letter| matches!(letter, Letter::ControllerNotice { .. })).collect();
    let tasks = company.work(request, WorkKind::Task).await?;
    let tasks = tasks.iter().filter_map(|task| Some(task.store.as_ref()?.to_string())).collect();
    Ok((company.post.ends(request), told, tasks))
}

#[tokio::test]
async fn a_referral_is_the_same_whether_or_not_the_person_is_there() -> Result<()> {
    let rights = [Right::Access, Right::Deletion];
    let (ends, told, tasks) = asked(TARO, &rights, false).await?;
    let (ends_of_nobody, told_of_nobody, _) = asked(NOBODY, &rights, false).await?;
    assert!(tasks.iter().all(|store| store != "support") && !tasks.is_empty(), "{tasks:?}");
    assert_eq!(ends.len(), 2);
    for end in ends.iter().chain(&ends_of_nobody) {
        assert_eq!(end.referrals.len(), 1);
        assert_eq!(end.referrals, ends[0].referrals);
    }
    assert_eq!((told.len(), told_of_nobody.len()), (1, 1), "once for a request");
    let facts = |letter: &Letter| match letter {
        Letter::ControllerNotice { rights, person, language, .. } => {
            (rights.clone(), person.expose().clone(), *language)
        }
        other => panic!("{}", other.kind()),
    };
    let (taro, nobody) = (facts(&told[0]), facts(&told_of_nobody[0]));
    assert_eq!((taro.1.as_str(), nobody.1.as_str()), (TARO, NOBODY));
    assert_eq!((taro.0, taro.2), (nobody.0, nobody.2), "nothing else differs");
    Ok(())
}

#[tokio::test]
async fn a_company_that_holds_nothing_of_its_own_refers_everybody() -> Result<()> {
    for email in [TARO, NOBODY] {
        let (ends, told, tasks) = asked(email, &[Right::Access, Right::Deletion], true).await?;
        let outcomes: Vec<Outcome> = ends.iter().map(|end| end.outcome).collect();
        assert_eq!(outcomes, [Outcome::Referred; 2]);
        assert!(ends.iter().all(|end| end.receipt.is_none() && end.rows == 0 && end.stores == 0));
        assert_eq!((told.len(), tasks.len()), (1, 0));
    }
    Ok(())
}
