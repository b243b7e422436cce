//! Four people, one right each, all at the same time.

use std::path::Path;

use habeas_domain::{RequestId, RequestState, Right};
use habeas_ledger::{Ledger, MailState, Scope};
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
    pub(super) download: Option<Download>,
}

/// The stage that every part is played on.
struct Stage<'a> {
    folder: &'a Folder,
    ledger: &'a Ledger,
    progress: &'a Progress,
    desk: Member,
}

/// Plays all four parts, and waits until every request is closed.
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
    progress.say("four people write to Example Mart");
    let (access, deletion, correction, portability) = tokio::try_join!(
        stage.part(person(company::ACCESS)?, Right::Access, None),
        stage.part(person(company::DELETION)?, Right::Deletion, Some(&aoki)),
        stage.part(person(company::CORRECTION)?, Right::Correction, Some(&baker)),
        stage.part(person(company::PORTABILITY)?, Right::Portability, None),
    )?;
    let parts = vec![access, deletion, correction, portability];
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
        let download = if right.gives_a_copy() {
            Some(requester.download(right, &self.folder.downloads(), self.ledger).await?)
        } else {
            None
        };
        self.progress.say(format!("{right}: done"));
        let approved_by = approver.map(|member| format!("{}, token {}", member.name, member.token));
        Ok(Part { person, request, approved_by, download })
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
