//! Packages as the person gets them.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use futures::TryStreamExt;
use habeas_domain::{RequestId, Right};
use habeas_fulfilment::open_package;
use habeas_ledger::PackageRecord;
use habeas_package::{VerifiedPackage, verify};
use serde_json::Value;

use crate::company::Company;

impl Company {
    /// The package of a job, opened, verified and unpacked: each file with its content.
    pub(crate) async fn package(&self, request: RequestId, right: Right) -> Result<Package> {
        let view = self.view(request).await?;
        let job = view.jobs.iter().find(|job| job.right == right).context("no such job")?;
        let record = self.ledger.package_of_job(job.id).await?.context("no package")?;
        let key = self.ledger.open_request(request).await?.key;
        let bytes: Vec<bytes::Bytes> =
            open_package(self.ledger.vault(), &self.fulfilment.objects, &key, record.id, &record.object)
                .try_collect()
                .await?;
        let bytes = bytes.concat();
        assert_eq!(bytes.len() as u64, record.bytes);
        let verified = verify(std::io::Cursor::new(&bytes), &self.ledger.vault().verifier())?;
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes))?;
        let mut files = BTreeMap::new();
        for file in &verified.content.files {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut archive.by_name(&file.path)?, &mut text)?;
            files.insert(file.path.clone(), text);
        }
        Ok(Package { record, verified, files })
    }
}

pub(crate) struct Package {
    pub(crate) record: PackageRecord,
    pub(crate) verified: VerifiedPackage,
    pub(crate) files: BTreeMap<String, String>,
}

impl Package {
    /// The rows of one collection, as JSON.
    pub(crate) fn rows(&self, store: &str, collection: &str) -> Vec<Value> {
        let Some(text) = self.files.get(&format!("data/{store}/{collection}.json")) else {
            return Vec::new();
        };
        serde_json::from_str(text).unwrap()
    }

    /// Whether a text is anywhere in it.
    pub(crate) fn holds(&self, text: &str) -> bool {
        self.files.values().any(|content| content.contains(text))
    }
}
