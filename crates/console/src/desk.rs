use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{Fault, PackageId, Personal, Right, verification::Method};

use crate::{
    Another, AskedFor, HandedIn, HandedPaper, LinkSecret, Progress, SecondStep, TypedCode, WantedPaper,
};

/// What a link or a code proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// That the person holds the address that the request names.
    Identity,
    /// That somebody who was named as the guardian of a child holds the address they were named with.
    Guardian,
    /// That the person holds the new address of a correction.
    NewAddress,
    /// Nothing: it stops a deletion that somebody else may have asked for.
    Stop,
    /// Such a deletion is stopped.
    Stopped,
    /// Such a deletion had begun.
    StopTooLate,
    /// That somebody who asks on people's behalf holds the address that they gave.
    Agent,
    /// Nothing: it ends that somebody acts for the person.
    AgentEnd,
    /// That is ended.
    AgentEnded,
}

/// What a confirmation page shows: what was asked, never who asked or what is held about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// What is confirmed.
    pub proof: Proof,
    /// The rights that the request claims.
    pub rights: Vec<Right>,
    /// The short form of the request's id.
    pub reference: String,
    /// The last day for an answer.
    pub due_on: NaiveDate,
    /// Whether the request takes more proof than this.
    pub more: bool,
    /// Whether it is about a child, who is asked for nothing more: a guardian is.
    pub child: bool,
    /// Whether somebody acts for the person, who says when they confirm whether the results go to them, too.
    pub agent: bool,
    /// When it was confirmed, if that was before: the link has done its work, and confirms nothing more.
    pub already: Option<DateTime<Utc>>,
}

/// A package that waits for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The right that it fulfils.
    pub right: Right,
    /// The short form of the request's id.
    pub reference: String,
    /// Size of the ZIP in bytes.
    pub bytes: u64,
    /// When the link ends.
    pub expires_at: DateTime<Utc>,
    /// How often it can still be fetched.
    pub downloads_left: u32,
}

/// What a right code gives: the permission to download once, for a short while. It travels in a form, never in an
/// address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantText(Personal<String>);

impl GrantText {
    /// Wraps the text that the desk made, or that came back in a form.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Personal::new(text.into()))
    }

    /// The text.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// A package that a right code opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The permission.
    pub grant: GrantText,
    /// The package.
    pub offer: Offer,
}

/// A download that may begin, and was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemed {
    /// Which package.
    pub package: PackageId,
    /// The right that it fulfils.
    pub right: Right,
    /// The short form of the request's id.
    pub reference: String,
    /// Size of the ZIP in bytes.
    pub bytes: u64,
}

/// The service behind the pages. Every answer about a secret is `None` or `()` alike for one that is unknown, used or
/// over, and takes about as long. A [`Fault`] means that it could not be found out or done; nothing was changed.
#[async_trait]
pub trait Desk: Send + Sync + 'static {
    /// What an open confirmation link is for, that the request behind it takes more, or that it was confirmed before. Changes nothing,
    /// however often it is asked.
    async fn look(&self, link: &LinkSecret) -> Result<Option<Confirmation>, Fault>;

    /// Uses a confirmation link; `agent_too` if the person lets whoever acts for them have the results. A link that was used tells
    /// when, and changes nothing. `None` if it was not open any more.
    async fn confirm(&self, link: &LinkSecret, agent_too: bool) -> Result<Option<Confirmation>, Fault>;

    /// Tries a code on the request that the link was mailed for, also if the link itself is over. Every call counts
    /// as one try.
    async fn try_code(&self, link: &LinkSecret, code: &TypedCode) -> Result<Option<Confirmation>, Fault>;

    /// Mails a new link and code to the request's address, if it still waits for one and the day's number is not
    /// used up.
    async fn send_new_code(&self, link: &LinkSecret) -> Result<(), Fault>;

    /// What the second step shows. Changes nothing and asks no store.
    async fn second_step(&self, link: &LinkSecret) -> Result<Option<SecondStep>, Fault>;

    /// Does what a way needs before anything can be handed in, such as sending a code. `false` if there is no such
    /// step; whether there was anybody to send it to is never told.
    async fn begin(&self, link: &LinkSecret, way: Method) -> Result<bool, Fault>;

    /// What a way asks for. Changes nothing and asks no store.
    async fn asked_for(&self, link: &LinkSecret, way: Method) -> Result<Option<AskedFor>, Fault>;

    /// Judges what was handed in. Every call counts as one try. `None` if there is no such step.
    async fn hand_in(
        &self,
        link: &LinkSecret,
        way: Method,
        handed_in: HandedIn,
    ) -> Result<Option<Progress>, Fault>;

    /// The paper that a link takes, or took, until the link would end. Changes nothing.
    async fn wanted_paper(&self, link: &LinkSecret) -> Result<Option<WantedPaper>, Fault>;

    /// Takes a paper by its link, once.
    async fn hand_in_paper(
        &self,
        link: &LinkSecret,
        content: Personal<Vec<u8>>,
    ) -> Result<HandedPaper, Fault>;

    /// What naming something else leads to; `None` if nothing can be named with this link. Changes nothing and asks no store.
    async fn another(&self, link: &LinkSecret) -> Result<Option<Another>, Fault>;

    /// Writes to the address on file to which something leads that the person names: another mail address, a telephone
    /// number, the number of an account. `false` if there is no such step; whether it led anywhere is never told.
    async fn name_another(&self, link: &LinkSecret, named: &Personal<String>) -> Result<bool, Fault>;

    /// Tries that code: whether it was right. Every call counts as one try. `None` if there is no such step.
    async fn try_on_file_code(&self, link: &LinkSecret, code: &TypedCode) -> Result<Option<bool>, Fault>;

    /// The package that an open package link leads to. Changes nothing.
    async fn look_at_package(&self, link: &LinkSecret) -> Result<Option<Offer>, Fault>;

    /// Mails a fresh code for an open package link.
    async fn send_download_code(&self, link: &LinkSecret) -> Result<(), Fault>;

    /// Tries a code for a package. Every call counts as one try.
    async fn try_download_code(&self, link: &LinkSecret, code: &TypedCode) -> Result<Option<Granted>, Fault>;

    /// Uses a grant and one of the package's downloads. `None` if the grant is used, over, made up or another
    /// package's, or if no download is left.
    async fn redeem(&self, link: &LinkSecret, grant: &GrantText) -> Result<Option<Redeemed>, Fault>;

    /// Mails a new link to a package that is still kept, to the address of its request.
    async fn renew_package(&self, link: &LinkSecret) -> Result<(), Fault>;
}
