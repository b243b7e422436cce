//! A company whose shop was restored from a backup that is older than an erasure.

use std::collections::BTreeSet;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{RequestId, Right, StoreName, review::ReviewDecision};
use habeas_fulfilment::{FulfilmentError, ReErase, re_erase};
use habeas_ledger::{ClosingRefused, LedgerError, ReErased};

use crate::company::{Company, TARO};

pub(crate) fn shop() -> StoreName {
    StoreName::new("shop").unwrap()
}

pub(crate) const TABLES: [&str; 4] = ["customer", "orders", "item", "refund"];

/// A company whose shop was backed up before Taro was erased, and then closed and restored.
pub(crate) struct Restored {
    pub(crate) company: Company,
    pub(crate) request: RequestId,
    /// When the backup was made.
    pub(crate) backed_up: DateTime<Utc>,
    /// What all stores held after the erasure.
    pub(crate) erased: Vec<String>,
    /// What they hold now.
    pub(crate) now: Vec<String>,
}

impl Restored {
    pub(crate) async fn new() -> Result<Self> {
        Self::after(Company::with_taro().await?).await
    }

    pub(crate) async fn after(company: Company) -> Result<Self> {
        Self::decided(company, None).await
    }

    /// The same where the request stops at somebody else's address, and staff decide about it.
    pub(crate) async fn decided(company: Company, decision: Option<ReviewDecision>) -> Result<Self> {
        company.back_up().await?;
        let backed_up = company.now();
        company.clock.advance(TimeDelta::hours(1));
        company.start();
        let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
        if let Some(decision) = decision {
            company.decided(request, decision).await?;
        }
        company.closed(request).await?;
        company.stop().await?;
        company.clock.advance(TimeDelta::hours(1));
        let erased = company.everything().await?;
        company.ledger.close_store(&shop(), "the disk failed", company.staff()).await?;
        company.restore().await?;
        let now = company.everything().await?;
        assert_ne!(now, erased, "Taro is back");
        Ok(Self { company, request, backed_up, erased, now })
    }

    /// The same where the company has backed itself up before.
    pub(crate) async fn without_backing_up(company: Company) -> Result<Self> {
        let backup = company.backup();
        let kept = format!("{backup}.kept");
        std::fs::rename(&backup, &kept)?;
        let restored = Self::after(company).await?;
        std::fs::rename(&kept, &backup)?;
        restored.company.restore().await?;
        Ok(restored)
    }

    pub(crate) fn order(&self) -> ReErase {
        ReErase {
            store: shop(),
            restored_to: self.backed_up,
            dry_run: false,
            confirmed: BTreeSet::new(),
            by: self.company.staff(),
        }
    }

    pub(crate) async fn re_erase(&self) -> Result<ReErased, FulfilmentError> {
        re_erase(&self.company.fulfilment, &self.order(), &|_| {}).await
    }

    pub(crate) async fn reopen(&self) -> Result<(), LedgerError> {
        self.company.ledger.reopen_store(&shop(), None, self.company.staff()).await
    }

    pub(crate) async fn refuses_to_reopen(&self) {
        let refused = self.reopen().await.unwrap_err();
        assert!(matches!(refused, LedgerError::Closing(ClosingRefused::NotReErased)), "{refused}");
    }

    /// The accounts and orders of the shop.
    pub(crate) async fn accounts(&self) -> Result<Vec<String>> {
        let all = self.company.everything().await?;
        Ok(all.into_iter().filter(|row| row.starts_with("customer") || row.starts_with("orders")).collect())
    }

    /// What the audit trail of the erased person says about the restored store.
    pub(crate) async fn trail(&self) -> Result<Vec<String>> {
        let told = ["found-again", "re-erased", "gone-again"];
        let trail = self.company.ledger.audit_entries(self.request).await?;
        Ok(trail
            .into_iter()
            .map(|entry| entry.event)
            .filter(|event| told.contains(&event.as_str()))
            .collect())
    }
}

impl Company {
    pub(crate) fn backup(&self) -> String {
        self.folder.path().join("shop.backup").display().to_string()
    }

    pub(crate) async fn back_up(&self) -> Result<()> {
        self.sql("shop", &format!("VACUUM INTO '{}'", self.backup())).await
    }

    pub(crate) async fn restore(&self) -> Result<()> {
        let again = |table| format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM old.{table};");
        let tables: String = TABLES.iter().map(again).collect();
        self.sql("shop", &format!("ATTACH '{}' AS old; {tables} DETACH old;", self.backup())).await
    }
}
