//! What the stores hold about a person, as far as a proof of identity needs it.

use std::collections::{BTreeMap, BTreeSet};

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

/// What is held about the person of a request, under every address that they have proven. Nothing where these lead to several
/// people: what is on file about one of them proves nothing of the other, and both are what would be handed out.
pub async fn of_request(files: &dyn Files, request: &OpenRequest) -> Result<OnFile, Fault> {
    let each = each_of(files, request).await?;
    if !are_one_person(&each) {
        return Ok(OnFile::default());
    }
    let mut all = OnFile::default();
    for held in each {
        all.phones.extend(held.phones);
        all.dealings.extend(held.dealings);
        all.keys.extend(held.keys);
        all.guardians.extend(held.guardians);
    }
    Ok(all)
}

/// Whether the stores know the person of a request, and the holder of `address` as somebody else.
pub(crate) async fn is_somebody_else(
    files: &dyn Files,
    request: &OpenRequest,
    address: &EmailAddress,
) -> Result<bool, Fault> {
    let mut each = each_of(files, request).await?;
    each.push(files.of(address).await?);
    Ok(!are_one_person(&each))
}

async fn each_of(files: &dyn Files, request: &OpenRequest) -> Result<Vec<OnFile>, Fault> {
    let mut each = Vec::new();
    for address in request.proven_addresses() {
        each.push(files.of(address).await?);
    }
    Ok(each)
}

/// Whether everything that is held hangs together by the keys that the stores hold. What is held under no key is nobody's.
fn are_one_person(each: &[OnFile]) -> bool {
    let mut people: Vec<BTreeSet<&(KeyName, KeyValue)>> = Vec::new();
    for held in each.iter().filter(|held| **held != OnFile::default()) {
        let mut keys: BTreeSet<_> = held.keys.iter().collect();
        people.retain(|one| {
            let apart = one.is_disjoint(&keys);
            if !apart {
                keys.extend(one);
            }
            apart
        });
        people.push(keys);
    }
    people.len() <= 1
}
