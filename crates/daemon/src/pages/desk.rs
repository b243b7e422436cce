//! The service behind the pages.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use habeas_console::{
    Another, AskedFor, Confirmation, Desk, GrantText, Granted, HandedIn, HandedPaper, LinkSecret, Offer,
    Progress, Proof, Redeemed, SecondStep, TypedCode, WantedPaper,
};
use habeas_domain::{Actor, Fault, Personal, RequestId, Right, verification::Method};
use habeas_ledger::{ChallengeRecord, Ledger, PackageRecord, Proven, Purpose, RequestView};
use habeas_vault::{Token, TokenHash};
use habeas_verification::{
    CodeAnswer, Confirmation as Confirmed, DownloadAnswer, Grant, HandIn, LinkState, OnFileAnswer, PaperDesk,
    Shown, Whose,
};

use super::{
    Renewals, SealedPackages,
    answers::{asked_for, desk_fault, if_there, objection, presented, proof},
};

/// The service behind the pages: verification judges, the ledger says what a page shows.
pub(crate) struct PersonDesk {
    ledger: Ledger,
    desk: habeas_verification::Desk,
    papers: PaperDesk,
    renewals: Renewals,
    packages: SealedPackages,
}

impl PersonDesk {
    /// Over `ledger`, where `desk` judges secrets, `papers` takes documents, `renewals` mails new links to packages, and `packages` are
    /// where their bytes lie.
    pub(crate) fn new(
        ledger: Ledger,
        desk: habeas_verification::Desk,
        papers: PaperDesk,
        renewals: Renewals,
        packages: SealedPackages,
    ) -> Self {
        Self { ledger, desk, papers, renewals, packages }
    }

    async fn challenge(&self, link: &LinkSecret) -> Result<Option<ChallengeRecord>, Fault> {
        let Some(hash) = hash(link) else { return Ok(None) };
        Ok(self.ledger.challenge_by_token(&hash).await?)
    }

    async fn package(&self, link: &LinkSecret) -> Result<Option<PackageRecord>, Fault> {
        let Some(hash) = hash(link) else { return Ok(None) };
        Ok(self.ledger.package_by_token(&hash).await?)
    }

    async fn view(&self, request: RequestId) -> Result<Option<RequestView>, Fault> {
        if_there(self.ledger.request_view(request).await)
    }

    /// What a page shows about a link that can be used.
    async fn confirmation(&self, link: &LinkSecret) -> Result<Option<Confirmation>, Fault> {
        self.of(link, proof).await
    }

    /// What it shows about one that was used at that moment.
    async fn already(&self, link: &LinkSecret, at: DateTime<Utc>) -> Result<Option<Confirmation>, Fault> {
        Ok(self.confirmation(link).await?.map(|shown| Confirmation { already: Some(at), ..shown }))
    }

    /// What it shows about one that was used where the request takes more.
    async fn takes_more(&self, link: &LinkSecret) -> Result<Option<Confirmation>, Fault> {
        Ok(self.confirmation(link).await?.map(|shown| Confirmation { more: true, ..shown }))
    }

    /// The same, as a proof that follows from the link's purpose.
    async fn of(
        &self,
        link: &LinkSecret,
        proof: impl Fn(Purpose) -> Option<Proof> + Send,
    ) -> Result<Option<Confirmation>, Fault> {
        let Some(record) = self.challenge(link).await? else { return Ok(None) };
        let Some(of) = if_there(self.ledger.open_request(record.request).await)? else { return Ok(None) };
        let mut rights = of.submission.rights;
        rights.sort_unstable();
        Ok(proof(record.purpose).map(|proof| Confirmation {
            proof,
            rights,
            reference: of.id.reference(),
            due_on: of.due_on,
            more: false,
            child: of.submission.child.is_some(),
            // A child is not asked who gets the results.
            agent: of.agent.is_some() && of.submission.child.is_none(),
            already: None,
        }))
    }

    async fn offer(&self, link: &LinkSecret) -> Result<Option<Offer>, Fault> {
        let Some(package) = self.package(link).await? else { return Ok(None) };
        Ok(self.named(&package).await?.map(|(right, reference)| Offer {
            right,
            reference,
            bytes: package.bytes,
            expires_at: package.expires_at,
            downloads_left: package.downloads_left,
        }))
    }

    /// The right that a package fulfils, and the reference of its request.
    async fn named(&self, package: &PackageRecord) -> Result<Option<(Right, String)>, Fault> {
        let Some(view) = self.view(package.request).await? else { return Ok(None) };
        let right = view.jobs.iter().find(|job| job.id == package.job).map(|job| job.right);
        Ok(right.map(|right| (right, view.reference)))
    }
}

/// What a page shows about what was proven just now.
fn shown(proven: Proven) -> Option<Confirmation> {
    proof(proven.purpose).map(|proof| Confirmation {
        proof,
        rights: proven.rights,
        reference: proven.request.reference(),
        due_on: proven.due_on,
        more: proven.more,
        child: proven.child,
        agent: false,
        already: None,
    })
}

fn hash(link: &LinkSecret) -> Option<TokenHash> {
    Token::parse(link.expose()).ok().map(|token| token.hash())
}

#[async_trait]
impl Desk for PersonDesk {
    async fn look(&self, link: &LinkSecret) -> Result<Option<Confirmation>, Fault> {
        match self.desk.look(link.expose()).await.map_err(desk_fault)? {
            LinkState::Open { .. } => self.confirmation(link).await,
            LinkState::Stop(standing) => self.of(link, |_| objection(standing)).await,
            LinkState::AgentEnded => self.of(link, |_| Some(Proof::AgentEnded)).await,
            LinkState::More => self.takes_more(link).await,
            LinkState::Used { at, .. } => self.already(link, at).await,
            LinkState::NotValid => Ok(None),
        }
    }

    async fn confirm(&self, link: &LinkSecret, agent_too: bool) -> Result<Option<Confirmation>, Fault> {
        let confirmed = if agent_too {
            self.desk.confirm_for_agent(link.expose()).await
        } else {
            self.desk.confirm(link.expose()).await
        };
        match confirmed.map_err(desk_fault)? {
            Confirmed::Confirmed(proven) => Ok(shown(proven)),
            Confirmed::Objected(standing) => self.of(link, |_| objection(standing)).await,
            Confirmed::AgentProven => self.of(link, |_| Some(Proof::Agent)).await,
            Confirmed::AgentEnded => self.of(link, |_| Some(Proof::AgentEnded)).await,
            Confirmed::AlreadyUsed(_, at) => self.already(link, at).await,
            Confirmed::More => self.takes_more(link).await,
            Confirmed::NotValid => Ok(None),
        }
    }

    async fn try_code(&self, link: &LinkSecret, code: &TypedCode) -> Result<Option<Confirmation>, Fault> {
        let answer = self.desk.try_code(Whose::Link(link.expose()), code.expose()).await;
        match answer.map_err(desk_fault)? {
            CodeAnswer::Confirmed(proven) => Ok(shown(proven)),
            CodeAnswer::AgentProven => self.of(link, |_| Some(Proof::Agent)).await,
            CodeAnswer::Refused | CodeAnswer::Malformed => Ok(None),
        }
    }

    async fn send_new_code(&self, link: &LinkSecret) -> Result<(), Fault> {
        self.desk.send_new_code(Whose::Link(link.expose())).await.map_err(desk_fault)
    }

    async fn second_step(&self, link: &LinkSecret) -> Result<Option<SecondStep>, Fault> {
        let step = self.desk.second_step(link.expose()).await.map_err(desk_fault)?;
        Ok(step.map(|step| SecondStep {
            reference: step.reference,
            received_at: step.received_at,
            ways: step.methods,
            call_back: step.call_back,
            another: step.another,
        }))
    }

    async fn begin(&self, link: &LinkSecret, way: Method) -> Result<bool, Fault> {
        self.desk.begin(link.expose(), way).await.map_err(desk_fault)
    }

    async fn asked_for(&self, link: &LinkSecret, way: Method) -> Result<Option<AskedFor>, Fault> {
        let offered = self.desk.offered(link.expose(), way).await.map_err(desk_fault)?;
        Ok(offered.map(asked_for))
    }

    async fn hand_in(
        &self,
        link: &LinkSecret,
        way: Method,
        handed_in: HandedIn,
    ) -> Result<Option<Progress>, Fault> {
        let Some(handed_in) = presented(handed_in) else { return Ok(Some(Progress::Not)) };
        let shown = self.desk.show(link.expose(), way, handed_in).await.map_err(desk_fault)?;
        Ok(match shown {
            Shown::Proven => self
                .confirmation(link)
                .await?
                .map(|shown| Progress::Done(Confirmation { more: false, ..shown })),
            Shown::Counts => Some(Progress::Counts),
            Shown::Not => Some(Progress::Not),
            Shown::NotOpen => None,
        })
    }

    async fn wanted_paper(&self, link: &LinkSecret) -> Result<Option<WantedPaper>, Fault> {
        let wanted = self.papers.wanted(link.expose()).await.map_err(desk_fault)?;
        let there = match wanted {
            Some(wanted) => Some(wanted),
            None => self.papers.given(link.expose()).await.map_err(desk_fault)?,
        };
        Ok(there.map(|paper| WantedPaper {
            kind: paper.kind,
            reference: paper.request.reference(),
            until: paper.ends_at,
            given_at: paper.given_at,
        }))
    }

    async fn hand_in_paper(
        &self,
        link: &LinkSecret,
        content: Personal<Vec<u8>>,
    ) -> Result<HandedPaper, Fault> {
        let handed = self.papers.hand_in(link.expose(), &content).await.map_err(desk_fault)?;
        Ok(match handed {
            HandIn::Taken => HandedPaper::Taken,
            HandIn::Refused(refused) => HandedPaper::Refused(refused),
            HandIn::NotOpen => HandedPaper::NotOpen,
        })
    }

    async fn another(&self, link: &LinkSecret) -> Result<Option<Another>, Fault> {
        let another = self.desk.another(link.expose()).await.map_err(desk_fault)?;
        Ok(another.map(|another| match another {
            habeas_verification::Another::Code => Another::Code,
            habeas_verification::Another::Request => Another::Request,
        }))
    }

    async fn name_another(&self, link: &LinkSecret, named: &Personal<String>) -> Result<bool, Fault> {
        self.desk.name_another(link.expose(), named).await.map_err(desk_fault)
    }

    async fn try_on_file_code(&self, link: &LinkSecret, code: &TypedCode) -> Result<Option<bool>, Fault> {
        let answer = self.desk.try_on_file(link.expose(), code.expose()).await.map_err(desk_fault)?;
        Ok(match answer {
            OnFileAnswer::Noted => Some(true),
            OnFileAnswer::Not => Some(false),
            OnFileAnswer::NotOpen => None,
        })
    }

    async fn look_at_package(&self, link: &LinkSecret) -> Result<Option<Offer>, Fault> {
        match self.desk.look_at_package(link.expose()).await.map_err(desk_fault)? {
            Some(_) => self.offer(link).await,
            None => Ok(None),
        }
    }

    async fn send_download_code(&self, link: &LinkSecret) -> Result<(), Fault> {
        self.desk.send_download_code(link.expose()).await.map_err(desk_fault)
    }

    async fn try_download_code(&self, link: &LinkSecret, code: &TypedCode) -> Result<Option<Granted>, Fault> {
        let answer = self.desk.try_download_code(link.expose(), code.expose()).await;
        match answer.map_err(desk_fault)? {
            DownloadAnswer::Granted(grant) => {
                let grant = GrantText::new(grant.expose());
                Ok(self.offer(link).await?.map(|offer| Granted { grant, offer }))
            }
            DownloadAnswer::Refused | DownloadAnswer::Malformed => Ok(None),
        }
    }

    async fn redeem(&self, link: &LinkSecret, grant: &GrantText) -> Result<Option<Redeemed>, Fault> {
        // Before a download is counted: an object store that is away costs the person nothing.
        self.packages.is_there().await?;
        let redeemed = self.desk.redeem(link.expose(), &Grant::presented(grant.expose())).await;
        let Some(package) = redeemed.map_err(desk_fault)? else { return Ok(None) };
        let Some((right, reference)) = self.named(&package).await? else { return Ok(None) };
        Ok(Some(Redeemed { package: package.id, right, reference, bytes: package.bytes }))
    }

    async fn renew_package(&self, link: &LinkSecret) -> Result<(), Fault> {
        match self.package(link).await? {
            Some(package) => self.renewals.renew(&package, Actor::Subject).await.map(drop),
            None => Ok(()),
        }
    }
}

/// A download is fetched by code, never by a link that was mailed.
const _: () = assert!(proof(Purpose::Download).is_none() && proof(Purpose::AgentDownload).is_none());
