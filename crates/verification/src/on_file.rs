//! What the stores hold about a person, as far as a proof of identity needs it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use habeas_domain::{
    Bilingual, Category, EmailAddress, Fault, KeyName, KeyValue, Personal, PhoneNumber,
    verification::{AskKind, Expected},
};
use habeas_ledger::{KnownBy, Ledger, OpenRequest};

/// A field that the manifests allow to be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedField {
    /// Store, collection and field: stable, and the same for everybody.
    pub id: String,
    /// The question, as the person reads it.
    pub question: Bilingual,
    /// How its answer is compared.
    pub kind: AskKind,
    /// What the field is about.
    pub category: Option<Category>,
}

/// An answer that the stores hold for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dealing {
    /// The [`AskedField::id`] that it answers.
    pub id: String,
    /// What is expected.
    pub expected: Expected,
}

/// What the stores hold about one person. Empty for a person whom they do not know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OnFile {
    /// Their telephone numbers.
    pub phones: Vec<PhoneNumber>,
    /// The addresses of their parents or guardians.
    pub guardians: Vec<EmailAddress>,
    /// The answers to questions about them.
    pub dealings: Vec<Dealing>,
    /// Their keys, such as the number of their account.
    pub keys: Vec<(KeyName, KeyValue)>,
}

/// Looks into the stores. The daemon hands it in.
#[async_trait]
pub trait Files: Send + Sync + 'static {
    /// Every field that may be asked about, in a stable order. Nothing about anybody.
    fn asked(&self) -> Vec<AskedField>;

    /// What is held about the holder of `address`, who has proven that it is theirs.
    async fn of(&self, address: &EmailAddress) -> Result<OnFile, Fault>;

    /// The address on file to which something leads that a person may be known by: another mail address, a telephone number,
    /// the number of an account. Nothing where it leads nowhere, or to more than one person.
    async fn lead(&self, named: &Personal<String>) -> Result<Option<EmailAddress>, Fault>;
}

/// Of each key of a person, how many values their attempts are counted by.
const MOST_VALUES: usize = 20;

/// What the attempts of the person of a request are counted by: every address that they have proven, and what the stores
/// know them by, so that it is one count whichever of their addresses a request names, or who made it for them.
pub(crate) fn known_by(ledger: &Ledger, request: &OpenRequest, held: &OnFile) -> Vec<KnownBy> {
    let mut keys: Vec<&(KeyName, KeyValue)> = held.keys.iter().collect();
    keys.sort();
    keys.dedup();
    let mut values: BTreeMap<&KeyName, usize> = BTreeMap::new();
    keys.retain(|(key, _)| {
        let seen = values.entry(key).or_default();
        *seen += 1;
        *seen <= MOST_VALUES
    });
    let addresses = request.proven_addresses().map(|address| ledger.known_by_address(address));
    addresses.chain(keys.into_iter().map(|(key, value)| ledger.known_by(key, value))).collect()
}

/// What is held about the person of a request, under every address that they have proven.
pub async fn of_request(files: &dyn Files, request: &OpenRequest) -> Result<OnFile, Fault> {
    let mut all = OnFile::default();
    for address in request.proven_addresses() {
        let held = files.of(address).await?;
        all.phones.extend(held.phones);
        all.dealings.extend(held.dealings);
        all.keys.extend(held.keys);
        all.guardians.extend(held.guardians);
    }
    Ok(all)
}
