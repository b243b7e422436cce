//! Every step failed and repeated: the stores end as without.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use habeas_connector_api::{DataStore, FaultRates, FaultyStore, LayerOptions, layered};
use habeas_domain::{Outcome, Right, SeededEntropy, StoreName, SystemEntropy};
use habeas_fulfilment::{Fulfilment, StoreHandle, Stores};

use crate::{
    company::{Company, HANAKO, Lanes, TARO},
    manifests::STORES,
    wrapped::Wrong,
};

const ALL: [Right; 4] = Right::ALL;
const NAME: (&str, &str, &str) = ("user.name", "name", "山田 多朗");

/// Runs all four rights for Taro and a copy for Hanako, and tells how the stores end.
async fn run(wrong: Option<Wrong>) -> Result<(Vec<String>, Vec<(Right, Outcome)>, u64, u64)> {
    let mut company = Company::with_taro().await?;
    company.attempts = 20;
    let hanako = company.submit(HANAKO, &[Right::Access], &[]).await?;
    let taro = company.submit(TARO, &ALL, &[NAME]).await?;
    for store in company.stores.values() {
        if let Some(wrong) = wrong {
            store.goes(wrong);
        }
    }
    company.start();
    company.closed(hanako).await?;
    company.closed(taro).await?;
    company.stop().await?;
    let mut ends: Vec<_> = company.post.ends(taro).iter().map(|end| (end.right, end.outcome)).collect();
    ends.sort_by_key(|(right, _)| *right);
    let copy = company.package(hanako, Right::Access).await?;
    assert!(!copy.holds("山田") && !copy.holds(TARO));
    assert!(company.parked().await?.is_empty());
    let his = company.package(taro, Right::Access).await?;
    assert!(!his.holds("佐藤"));
    Ok((company.everything().await?, ends, his.record.rows, copy.record.rows))
}

#[tokio::test]
async fn steps_that_were_done_and_not_reported() -> Result<()> {
    let (stores, ends, ..) = run(Some(Wrong::DoneThenTimeout)).await?;
    let (wanted, wanted_ends, ..) = run(None).await?;
    assert_eq!(unsalted(&stores), unsalted(&wanted));
    assert_eq!(ends, wanted_ends);
    Ok(())
}

#[tokio::test]
async fn reads_that_break_off() -> Result<()> {
    let (stores, ends, his, hers) = run(Some(Wrong::BreaksOff(12))).await?;
    let (wanted, wanted_ends, all_his, all_hers) = run(None).await?;
    assert_eq!(unsalted(&stores), unsalted(&wanted));
    assert_eq!((ends, his, hers), (wanted_ends, all_his, all_hers), "a half copy is not used later");
    Ok(())
}

/// Masks are made with the secret of each company.
fn unsalted(rows: &[String]) -> Vec<String> {
    let masked = |row: &String| {
        row.contains("@erased.invalid").then(|| row.split('|').take(2).collect::<Vec<_>>().join("|"))
    };
    rows.iter().map(|row| masked(row).unwrap_or_else(|| row.clone())).collect()
}

/// Faults at random in every call of every store, beneath the layers that every store has.
#[tokio::test]
async fn a_storm_of_faults() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.attempts = 200;
    let rates = FaultRates { done_then_timeout: 5, timeout: 5, refusal: 10 };
    let layers = LayerOptions { first_pause: Duration::from_millis(1), ..LayerOptions::default() };
    let (mut faulty, mut handles) = (Vec::new(), Vec::new());
    for (name, seed) in STORES.iter().zip(1_u64..) {
        let inner: Arc<dyn DataStore> = company.stores[name].clone();
        let store = Arc::new(FaultyStore::new(inner, rates, Arc::new(SeededEntropy::new(seed))));
        let name = StoreName::new(*name)?;
        let layered = layered(&name, store.clone(), &layers, Arc::new(SystemEntropy), Vec::new());
        handles.push(StoreHandle::new(name, layered));
        faulty.push(store);
    }
    let fulfilment = Fulfilment { stores: Stores::new(handles), ..company.fulfilment.clone() };
    let taro = company.submit(TARO, &ALL, &[NAME]).await?;
    let hanako = company.submit(HANAKO, &[Right::Access], &[]).await?;
    company.start_with(&fulfilment, Lanes::All);
    company.closed(taro).await?;
    company.closed(hanako).await?;
    company.stop().await?;
    assert!(faulty.iter().map(|store| store.faults()).sum::<u64>() > 3, "or nothing was shown");
    let (wanted, wanted_ends, _, hers) = run(None).await?;
    assert_eq!(unsalted(&company.everything().await?), unsalted(&wanted));
    let mut ends: Vec<_> = company.post.ends(taro).iter().map(|end| (end.right, end.outcome)).collect();
    ends.sort_by_key(|(right, _)| *right);
    assert_eq!(ends, wanted_ends, "each end is told once, and truthfully");
    assert_eq!(company.package(hanako, Right::Access).await?.record.rows, hers);
    Ok(())
}
