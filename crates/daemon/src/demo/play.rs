//! Four people with one right each, and one whose mail asks for two, all at the same time.

use std::path::Path;

use habeas_domain::{EmailAddress, RequestId, RequestState, Right};
use habeas_ledger::{Ledger, MailState, RequestFilter, Scope};
use serde_json::{Value, json};

use super::{
    Folder, Member,
    actors::{Download, Requester},
    company::{self, Person},
};
use crate::{
    failure::{Exit, Failure},
    output::Progress,
};

/// The address that replaces the old one.
pub(super) const NEW_ADDRESS: &str = "emma.clark@example.com";
/// The name that replaces the old one.
pub(super) const NEW_NAME: &str = "Emma Clark";

/// How long everything may take after the last mail was read.
const CLOSING_LIMIT: std::time::Duration = std::time::Duration::from_secs(20);
const PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

/// One person's part.
pub(super) struct Part {
    /// Who.
    pub(super) person: Person,
    /// Their request.
    pub(super) request: RequestId,
    /// Who of staff agreed, if anybody had to.
    pub(super) approved_by: Option<String>,
    /// What they downloaded.
    pub(super) downloads: Vec<Download>,
}

/// The stage that every part is played on.
struct Stage<'a> {
    folder: &'a Folder,
    ledger: &'a Ledger,
    progress: &'a Progress,
    desk: Member,
}

/// Plays all five parts, and waits until every request is closed.
pub(super) async fn play(
    folder: &Folder,
    ledger: &Ledger,
    base: &str,
    progress: &Progress,
) -> Result<Vec<Part>, Failure> {
    let (read, submit, approve) = (Scope::Read, Scope::Submit, Scope::Approve);
    let desk = Member::hire(ledger, "Help desk", &[read, submit], base).await?;
    let aoki = Member::hire(ledger, "Aoki (privacy team)", &[read, approve], base).await?;
    let baker = Member::hire(ledger, "Baker (privacy team)", &[read, approve], base).await?;
    let stage = Stage { folder, ledger, progress, desk };
    let people = company::people();
    let person = |index: usize| {
        let found = people.get(index).cloned();
        found.ok_or_else(|| Failure::new(Exit::Findings, "demo", "the company has too few people"))
    };
    progress.say("five people write to Example Mart");
    let (access, deletion, correction, portability, by_mail) = tokio::try_join!(
        stage.part(person(company::ACCESS)?, Right::Access, None),
        stage.part(person(company::DELETION)?, Right::Deletion, Some(&aoki)),
        stage.part(person(company::CORRECTION)?, Right::Correction, Some(&baker)),
        stage.part(person(company::PORTABILITY)?, Right::Portability, None),
        stage.part_by_mail(person(company::BY_MAIL)?),
    )?;
    let parts = vec![access, deletion, correction, portability, by_mail];
    progress.say("closing");
    for part in &parts {
        stage.closed(part.request).await?;
    }
    Ok(parts)
}

impl Stage<'_> {
    async fn part(&self, person: Person, right: Right, approver: Option<&Member>) -> Result<Part, Failure> {
        let mails = self.folder.mails();
        let requester = Requester::new(&person.email, Path::new(&mails))?;
        let id = self.desk.submit(&submission(&person, right)).await?;
        let request = id.parse().map_err(|_| Failure::new(Exit::Findings, "demo", "the API gave no id"))?;
        requester.confirm_identity().await?;
        self.progress.say(format!("{right}: identity proven"));
        if right == Right::Correction {
            requester.confirm_address(NEW_ADDRESS).await?;
        }
        if let Some(member) = approver {
            member.approve(&id).await?;
        }
        requester.wait_for_end(&person.email).await?;
        let mut downloads = Vec::new();
        if right.gives_a_copy() {
            downloads.push(requester.download(0, &self.folder.downloads(), self.ledger).await?);
        }
        self.progress.say(format!("{right}: done"));
        let approved_by = approver.map(|member| format!("{}, token {}", member.name, member.token));
        Ok(Part { person, request, approved_by, downloads })
    }

    /// A mail in Japanese arrives in the mailbox and asks for two things.
    async fn part_by_mail(&self, person: Person) -> Result<Part, Failure> {
        let requester = Requester::new(&person.email, Path::new(&self.folder.mails()))?;
        requester.write_to(&self.folder.mailbox(), &person.name)?;
        let request = self.request_of(&person).await?;
        requester.confirm_identity().await?;
        self.progress.say("the mail: identity proven");
        let folder = self.folder.downloads();
        let mut downloads = Vec::new();
        for nth in 0..2 {
            downloads.push(requester.download(nth, &folder, self.ledger).await?);
        }
        self.progress.say("the mail: done");
        Ok(Part { person, request, approved_by: None, downloads })
    }

    /// The request that a person's mail became.
    async fn request_of(&self, person: &Person) -> Result<RequestId, Failure> {
        let email = EmailAddress::parse(&person.email)
            .map_err(|problem| Failure::new(Exit::Findings, "demo", problem.to_string()))?;
        let filter = RequestFilter { email: Some(email), ..RequestFilter::default() };
        let waiting = async {
            loop {
                if let Some(view) = self.ledger.list_requests(&filter, None, 1).await?.items.first() {
                    return Ok::<RequestId, Failure>(view.id);
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        let late = |_| {
            Failure::new(Exit::Findings, "demo", "the mail did not become a request in time")
                .fix("look at it: `habeas mail list` with the demo's configuration")
        };
        tokio::time::timeout(CLOSING_LIMIT, waiting).await.map_err(late)?
    }

    /// Waits until a request is closed and its last mail is out.
    async fn closed(&self, request: RequestId) -> Result<(), Failure> {
        let waiting = async {
            loop {
                let view = self.ledger.request_view(request).await?;
                let sent = view.mails.iter().all(|mail| mail.state == MailState::Sent);
                if view.state == RequestState::Closed && sent {
                    return Ok::<(), Failure>(());
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        let late =
            |_| Failure::new(Exit::Findings, "demo", format!("request {request} did not close in time"));
        tokio::time::timeout(CLOSING_LIMIT, waiting).await.map_err(late)?
    }
}

fn submission(person: &Person, right: Right) -> Value {
    let mut whole = json!({
        "subject": { "email": person.email, "name": person.name },
        "rights": [right],
        "regime": "eu_gdpr",
        "language": person.language,
        "channel": "ticket",
    });
    if right == Right::Correction {
        whole["corrections"] = json!([
            { "category": "user.contact.email", "type": "email", "value": NEW_ADDRESS },
            { "category": "user.name", "type": "name", "value": NEW_NAME },
        ]);
    }
    whole
}
