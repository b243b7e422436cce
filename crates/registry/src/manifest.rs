//! One store's manifest, and what may be written in it.
//!
//! ```toml
//! [store]
//! name = "shop"                        # a-z 0-9 - _; part of a queue's name
//! driver = "postgres"                  # postgres, mysql (also MariaDB), sqlite
//! url = { env = "SHOP_DATABASE_URL" }  # or { file = "path" }, a file that holds the URL; or the URL itself
//! product = "Shop"
//! title = { en = "Shop", ja = "ショップ" }  # else the product
//! role = "controller"                  # or "processor": held for another company, to which people are referred;
//!                                      # then controller = { name = { en, ja }, email, url, language = "en" }
//! concurrency = 4                      # statements at one time
//! rate_per_second = 200                # statements in one second; else unlimited
//! group_size = 100                     # people in one statement
//! timeout_seconds = 30                 # of one statement
//!
//! [[key]]                              # only where the defaults do not fit; the same in every manifest
//! name = "phone"
//! ceiling = 100                        # more values than this stop the request for a person to look
//! shared = true                        # several people may have it, so values found in rows are not followed
//! compare = "exact"                    # or "caseless", the default of `email`
//! pattern = 'T-([0-9]{8})'             # how its values look in a mail; the first group is the value, or the whole
//! identifying = false                  # true: another value than a verified one stops the request; so for `email`
//!
//! [[collection]]
//! name = "customer"                    # as the store describes it
//! title = { en = "Customer account", ja = "お客様アカウント" }
//! fields.id      = { key = "customer_id" }
//! fields.email   = { key = "email", category = "user.contact.email", provided = true, correct = "email", delete = "mask-email" }
//! fields.email_2 = { key = "email", alternate = true, category = "user.contact.email", delete = "null" }
//! fields.mobile  = { own_contact = true, category = "user.contact.phone", correct = "phone", delete = "null" }
//! fields.tier    = { category = "user.behavior", remains = { en = "...", ja = "..." } }
//! fields.parent  = { guardian = true, category = "user.family", delete = "null" }  # a child's guardian's mail address
//! fields.secret  = { internal = true }
//! delete = "rows"                      # or nothing, and then each personal field says what happens to it
//! keep = { reason = "tax", until = "placed_at + 7y" }
//!
//! [[collection]]                       # a row of two people: who called, and who was called
//! name = "calls"
//! title = { en = "Calls", ja = "通話" }
//! fields.from_number = { side = "caller", key = "phone", category = "user.contact.phone", delete = "null" }
//! fields.from_name   = { side = "caller", category = "user.name", correct = "name", delete = "null" }
//! fields.to_number   = { side = "callee", key = "phone", category = "user.contact.phone", delete = "null" }
//! fields.to_name     = { side = "callee", category = "user.name", correct = "name", delete = "null" }
//! fields.seconds     = { category = "user.behavior", remains = { en = "...", ja = "..." } }  # of both
//! ```
//!
//! - `correct`: `text`, `email`, `phone`, `name`, `date` or `number`.
//! - `delete` of a field: `null`, `mask-email`, `mask-phone`, `mask-text`, `hash`, `anonymise` or
//!   `{ rewrite = "..." }`.
//! - `keep`, of a collection or of a field that has an effect: `reason` is one of the words `tax`, `billing`,
//!   `audit`, `law`, `dispute`, `security`, or `{ en, ja }`; `until` is a date field of the collection plus days, months
//!   or years (`30d`, `6m`, `7y`). There is no keep without an end.
//! - `remains`: why a field stays for good. `internal`: known, and not personal.
//! - `own_contact`: the person of the row themselves is reached by it: codes by text message, calls back and warnings go there.
//!   Only with `correct = "phone"` or `"email"`. Write `false` for numbers and addresses of other people (deliveries,
//!   emergencies); where nothing is said it is taken for that, and remarked upon. A `phone` or `email` key that is not shared
//!   is the person's own without it.
//! - `side`: which of a row's people a field is about, where a row is about more than one: caller and callee, sender and
//!   recipient, payer and payee. The words are free. The side on which a key of the person is found is theirs. Of the other sides
//!   nothing is followed, nothing goes into a copy (`withheld.html` says so), and nothing is deleted or corrected. If every side is
//!   theirs, nothing is held back. A field without a side is of all of them alike: each may have a copy, and none can change
//!   it; what one of them wrote, or what names one of them, is of that side. Every key says its side, every side has a key, and the rows themselves are not deleted, for they are the others' too.
//! - `alternate`: the field holds a further value of the same person. Where two fields of a row hold the same key, say either this or
//!   `side`: whose the second is cannot be guessed.
//! - A text that people read may be one text for both languages, which is remarked upon.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use habeas_domain::{Bilingual, CollectionName, KeyName, StoreName};

use crate::{
    Collection, Controller, Driver, KeyRules, Limits, ManifestProblem, Place, Role, StoreUrl, in_itself, read,
};

/// What one file says about one store. Only [`Manifest::parse`] makes one, so each was checked in itself.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The store.
    pub store: StoreName,
    /// Which connector speaks to it.
    pub driver: Driver,
    /// Where it is.
    pub url: StoreUrl,
    /// The product that it belongs to (mission N22).
    pub product: String,
    /// What people call the store.
    pub title: Bilingual,
    /// Who decides about its data, where that is somebody else: then it is never asked about a person who comes to us,
    /// and the person is referred there.
    pub controller: Option<Controller>,
    /// How hard it may be worked.
    pub limits: Limits,
    /// The keys whose rules it declares.
    pub keys: Vec<KeyRules>,
    /// Its collections, in the file's order.
    pub collections: Vec<Collection>,
    pub(crate) source: Source,
}

/// Where a manifest was read from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Source {
    pub(crate) file: PathBuf,
    pub(crate) places: BTreeMap<String, Place>,
}

impl Manifest {
    /// Reads a manifest and checks it in itself. On failure gives every problem of the file, not only the
    /// first, in the file's order. `file` is only named, not opened.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Vec<ManifestProblem>> {
        let mut report = read::Report::new(file, text);
        let manifest = read::manifest(text, &mut report);
        match manifest {
            Some(mut manifest) => {
                in_itself::check(&manifest, &mut report);
                if report.is_clean() {
                    manifest.source = report.into_source();
                    Ok(manifest)
                } else {
                    Err(report.into_problems())
                }
            }
            None => Err(report.into_problems()),
        }
    }

    /// On whose behalf the data are held.
    pub const fn role(&self) -> Role {
        if self.controller.is_some() { Role::Processor } else { Role::Controller }
    }

    /// The file that it was read from.
    pub fn file(&self) -> &Path {
        &self.source.file
    }

    /// The collection of that name, if the manifest mentions it.
    pub fn collection(&self, name: &CollectionName) -> Option<&Collection> {
        self.collections.iter().find(|collection| &collection.name == name)
    }

    /// The rules of a key as this manifest alone sees them.
    pub(crate) fn key_rules(&self, name: &KeyName) -> KeyRules {
        self.keys
            .iter()
            .find(|rules| &rules.name == name)
            .cloned()
            .unwrap_or_else(|| KeyRules::default_of(name.clone()))
    }
}
