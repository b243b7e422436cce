use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{
    Clock, EmailAddress, Language, Letter, Links, PaperKind, PersonName, Personal, Right, letter::Word,
};
use habeas_ledger::{NewChallenge, OpenRequest, PackageRecord, Purpose};
use habeas_vault::{Code, CodeHash, TokenHash, Vault, VaultError};

use crate::{Grant, VerificationOptions};

/// Makes links and codes and the mails that carry them. Stores nothing. Cheap to clone.
#[derive(Clone)]
pub struct Challenges {
    vault: Vault,
    clock: Arc<dyn Clock>,
    links: Links,
    options: VerificationOptions,
}

/// A code with its hash: the dear half of making a challenge, which is done whether or not there is anybody to send
/// it to.
#[derive(Debug, Clone)]
pub struct HashedCode {
    code: Code,
    hash: CodeHash,
}

/// A new link's token as it is stored, and the link.
struct NewLink {
    token: TokenHash,
    url: Personal<String>,
    ends: DateTime<Utc>,
}

impl Challenges {
    /// Challenges whose links begin as `links` says.
    pub fn new(vault: Vault, clock: Arc<dyn Clock>, links: Links, options: VerificationOptions) -> Self {
        Self { vault, clock, links, options }
    }

    pub(crate) const fn vault(&self) -> &Vault {
        &self.vault
    }

    pub(crate) const fn links(&self) -> &Links {
        &self.links
    }

    pub(crate) const fn options(&self) -> &VerificationOptions {
        &self.options
    }

    /// A new code, hashed.
    ///
    /// # Errors
    /// [`VaultError::Busy`] when too many codes are being hashed: a retry helps.
    pub async fn code(&self) -> Result<HashedCode, VaultError> {
        let code = self.vault.new_code();
        let hash = self.vault.hash_code(&code).await?;
        Ok(HashedCode { code, hash })
    }

    /// Asks the person of `of` to show that the address in the request is theirs.
    pub fn identity(&self, of: &OpenRequest, code: &HashedCode) -> NewChallenge {
        let link = self.link(of.language);
        let code_ends = self.ends(self.options.code_life);
        NewChallenge {
            purpose: Purpose::Identity,
            link: Some((link.token, link.ends)),
            code: Some((code.hash.to_phc(), code_ends)),
            tries: self.options.tries,
            package: None,
            to: Personal::new(of.address().to_owned()),
            letter: asking(of, link, code, code_ends),
        }
    }

    /// Asks the holder of `address`, who is named as the guardian of a child, to confirm it. By link alone: a code could
    /// be typed by the child.
    pub(crate) fn guardian(&self, of: &OpenRequest, address: &EmailAddress) -> NewChallenge {
        let token = self.vault.new_token();
        let ends = self.ends(self.options.guardian_life);
        NewChallenge {
            purpose: Purpose::Guardian,
            link: Some((token.hash(), ends)),
            code: None,
            tries: 0,
            package: None,
            to: Personal::new(address.as_str().to_owned()),
            letter: Letter::VerifyGuardian {
                rights: of.submission.rights.clone(),
                link: self.links.confirm(of.language, &token.expose()),
                link_expires_at: ends,
            },
        }
    }

    /// Asks the agent of `of` to show that the address they gave is theirs. Nothing if none acts in it.
    pub fn agent(&self, of: &OpenRequest, code: &HashedCode) -> Option<NewChallenge> {
        let agent = of.agent.as_ref()?;
        let link = self.link(of.language);
        let code_ends = self.ends(self.options.code_life);
        Some(NewChallenge {
            purpose: Purpose::Agent,
            link: Some((link.token, link.ends)),
            code: Some((code.hash.to_phc(), code_ends)),
            tries: self.options.tries,
            package: None,
            to: Personal::new(agent.said.email.as_str().to_owned()),
            letter: Letter::VerifyAgent {
                link: link.url,
                link_expires_at: link.ends,
                code: Personal::new(code.code.expose().to_owned()),
                code_expires_at: code_ends,
            },
        })
    }

    /// Asks the holder of `address`, which is to replace the one on file, to confirm it. By link alone: a code could
    /// be read out to somebody on the telephone.
    pub fn confirmation(&self, address: &EmailAddress, language: Language) -> NewChallenge {
        let link = self.link(language);
        NewChallenge {
            purpose: Purpose::NewAddress,
            link: Some((link.token, link.ends)),
            code: None,
            tries: 0,
            package: None,
            to: Personal::new(address.as_str().to_owned()),
            letter: Letter::ConfirmNewAddress { link: link.url, link_expires_at: link.ends },
        }
    }

    /// Warns one address of the person of `of` of what begins at `not_before`, with the link that stops it. By link alone, and
    /// without the person's name.
    pub(crate) fn warning(
        &self,
        of: &OpenRequest,
        right: Right,
        address: &Personal<String>,
        not_before: DateTime<Utc>,
    ) -> NewChallenge {
        let token = self.vault.new_token();
        let life = TimeDelta::from_std(self.options.stop_life).unwrap_or(TimeDelta::MAX);
        let link_expires_at = not_before.checked_add_signed(life).unwrap_or(DateTime::<Utc>::MAX_UTC);
        NewChallenge {
            purpose: Purpose::Stop,
            link: Some((token.hash(), link_expires_at)),
            code: None,
            tries: 0,
            package: None,
            to: address.clone(),
            letter: Letter::DeletionNotice {
                right,
                word: whose_word(of),
                received_at: of.received_at,
                not_before,
                copy_first: right == Right::Deletion
                    && of.submission.rights.iter().any(|right| right.gives_a_copy()),
                link: self.links.confirm(of.language, &token.expose()),
                link_expires_at,
            },
        }
    }

    /// Asks the holder of `address` for a paper, by a link that ends at `ends`; it is kept for `days` at the most.
    pub(crate) fn paper(
        &self,
        of: &OpenRequest,
        kind: PaperKind,
        address: &EmailAddress,
        (ends, days): (DateTime<Utc>, u32),
    ) -> NewChallenge {
        let token = self.vault.new_token();
        NewChallenge {
            purpose: Purpose::Paper,
            link: Some((token.hash(), ends)),
            code: None,
            tries: 0,
            package: None,
            to: Personal::new(address.as_str().to_owned()),
            letter: Letter::PaperWanted {
                kind,
                link: self.links.paper(of.language, &token.expose()),
                link_expires_at: ends,
                days,
            },
        }
    }

    /// Asks the holder of an address on file to show that it is theirs. By code alone, which is typed where the request was
    /// confirmed: a link could be pressed by somebody else, who would then have vouched for a stranger.
    pub(crate) fn on_file(&self, address: &EmailAddress, code: &HashedCode) -> NewChallenge {
        let code_ends = self.ends(self.options.code_life);
        NewChallenge {
            purpose: Purpose::OnFile,
            link: None,
            code: Some((code.hash.to_phc(), code_ends)),
            tries: self.options.tries,
            package: None,
            to: Personal::new(address.as_str().to_owned()),
            letter: Letter::OnFileCode {
                code: Personal::new(code.code.expose().to_owned()),
                code_expires_at: code_ends,
            },
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Sends the person of `of`, or the agent if it is their link, a code for the package behind `link`. The permission that the code gives is stored with
    /// it, in place of a link.
    pub(crate) fn download(
        &self,
        of: &OpenRequest,
        package: &PackageRecord,
        link: &TokenHash,
        code: &HashedCode,
    ) -> Result<NewChallenge, VaultError> {
        let options = &self.options;
        let code_ends = self.ends(options.code_life);
        let grant = Grant::of(&self.vault, link, &code.code).stored(&self.vault, link)?;
        let ready = Personal::new(code.code.expose().to_owned());
        let (purpose, to, letter) = match of.agent.as_ref().filter(|_| package.for_agent) {
            Some(agent) => (
                Purpose::AgentDownload,
                agent.said.email.as_str(),
                Letter::AgentDownloadCode { code: ready, code_expires_at: code_ends },
            ),
            None => (
                Purpose::Download,
                of.address(),
                Letter::DownloadCode { code: ready, code_expires_at: code_ends },
            ),
        };
        Ok(NewChallenge {
            purpose,
            link: Some((grant, self.ends(options.code_life.saturating_add(options.grant_life)))),
            code: Some((code.hash.to_phc(), code_ends)),
            tries: options.tries,
            package: Some(package.id),
            to: Personal::new(to.to_owned()),
            letter,
        })
    }

    fn link(&self, language: Language) -> NewLink {
        let token = self.vault.new_token();
        NewLink {
            token: token.hash(),
            url: self.links.confirm(language, &token.expose()),
            ends: self.ends(self.options.link_life),
        }
    }

    fn ends(&self, life: Duration) -> DateTime<Utc> {
        let life = TimeDelta::from_std(life).unwrap_or(TimeDelta::MAX);
        self.clock.now().checked_add_signed(life).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// The mail that asks for a proof: it names the agent, where one asks for the person.
fn asking(of: &OpenRequest, link: NewLink, code: &HashedCode, code_expires_at: DateTime<Utc>) -> Letter {
    let rights = of.submission.rights.clone();
    let code = Personal::new(code.code.expose().to_owned());
    let (link, link_expires_at) = (link.url, link.ends);
    if of.submission.child.is_some() {
        let guardian = of.guardian().is_some();
        return Letter::VerifyChild { rights, guardian, link, link_expires_at, code, code_expires_at };
    }
    match of.agent.as_ref().map(|agent| &agent.said) {
        None => Letter::Verify { rights, link, link_expires_at, code, code_expires_at },
        Some(agent) => Letter::VerifyForAgent {
            rights,
            agent_name: agent.name.clone().into_personal(),
            organisation: agent.organisation.clone().map(PersonName::into_personal),
            agent_email: Personal::new(agent.email.as_str().to_owned()),
            mandate_counts: of.mandate_counts,
            link,
            link_expires_at,
            code,
            code_expires_at,
        },
    }
}

impl std::fmt::Debug for Challenges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Challenges")
            .field("links", &self.links)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Whose word a request goes by, for whoever is warned of it.
const fn whose_word(of: &OpenRequest) -> Word {
    if of.submission.child.is_some() {
        Word::Guardian
    } else if of.by_mandate {
        Word::Agent
    } else {
        Word::Person
    }
}
