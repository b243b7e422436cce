//! One field of a collection.

use habeas_domain::{Bilingual, Category, Effect, FieldName, KeyName, SideName};
use serde::{Deserialize, Serialize};

use crate::{Ask, Keep};

/// What a field's value means to a correction, and how a new value is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// Any text.
    Text,
    /// A mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A person's name.
    Name,
    /// A calendar date.
    Date,
    /// A number.
    Number,
}

impl Meaning {
    /// Every meaning.
    pub const ALL: [Self; 6] = [Self::Text, Self::Email, Self::Phone, Self::Name, Self::Date, Self::Number];

    /// The word that manifests use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Name => "name",
            Self::Date => "date",
            Self::Number => "number",
        }
    }
}

/// What a manifest says about one field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of its own in the manifest; any may meet any"
)]
pub struct Field {
    /// Its name in the store.
    pub name: FieldName,
    /// The key that it holds, if any. It finds rows by that key and gives further values of it.
    pub key: Option<KeyName>,
    /// Whether it holds a further value of the same person, such as a second address, so that another value
    /// than the verified one contradicts nothing.
    pub alternate: bool,
    /// Which of the people it is about, where a row is about more than one of them: who called or who was called. Nothing
    /// where it is about the one person of the row, or about all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<SideName>,
    /// The category of personal data, if it is personal. An access package holds it exactly if this is given.
    pub category: Option<Category>,
    /// What people call it, if its name does not say it.
    pub title: Option<Bilingual>,
    /// Whether the person provided it, so that portability covers it (GDPR art. 20).
    pub provided: bool,
    /// What a correction takes it for, if it can be corrected.
    pub correct: Option<Meaning>,
    /// What a deletion does to it, where the rows themselves stay.
    pub delete: Option<Effect>,
    /// What holds that effect back.
    pub keep: Option<Keep>,
    /// Why it stays for good although it is categorised: without the rest it identifies nobody (mission N18).
    pub remains: Option<Bilingual>,
    /// Known, and deliberately not personal.
    pub internal: bool,
    /// Whether it holds the mail address of the parent or guardian of whom the row is about. It changes nothing of what
    /// any right does.
    #[serde(skip)]
    pub guardian: bool,
    /// Whether it holds a telephone number or a mail address by which the person of the row is reached themselves, so that codes,
    /// calls and warnings go there. What the person is known by, an unshared key, does so without it; whatever else a row holds,
    /// such as whom a parcel goes to or whom to call in an emergency, is somebody else's. Where nothing is said it is taken for
    /// no, and remarked upon. It changes nothing of what any right does.
    #[serde(skip)]
    pub own_contact: Option<bool>,
    /// How people may be asked about it to show who they are. It changes nothing of what any right does.
    #[serde(skip)]
    pub ask: Option<Ask>,
}

impl Field {
    /// Whether the manifest says that the person of the row is reached by it.
    pub fn is_own_contact(&self) -> bool {
        self.own_contact == Some(true)
    }

    /// What people call it.
    pub fn title(&self) -> Bilingual {
        let name = || self.name.as_str().to_owned();
        self.title.clone().unwrap_or_else(|| Bilingual { en: name(), ja: name() })
    }
}
