//! What a letter says, as the values that its template shows. Everything from outside is cleaned here.

mod asking;

use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{
    Language, Letter, Outcome, Personal, RefusalNote, Right,
    letter::{Bilingual, JobReport, Kept, PackageLink, Referral, Refusal, Unmet, WhyUnmet},
    wording,
};
use minijinja::{context, value::Value};

use crate::{Letterhead, RenderError, clean, greeting};

/// The template of a letter.
pub(crate) fn template(letter: &Letter) -> Result<&'static str, RenderError> {
    Ok(match letter {
        Letter::Received { .. } => "received",
        Letter::Verify { .. } => "verify",
        Letter::VerifyForAgent { .. } => "verify-for-agent",
        Letter::VerifyChild { .. } => "verify-child",
        Letter::VerifyGuardian { .. } => "verify-guardian",
        Letter::VerifyAgent { .. } => "verify-agent",
        Letter::ConfirmNewAddress { .. } => "confirm-new-address",
        Letter::DeletionNotice { right: Right::Deletion, .. } => "deletion-notice",
        Letter::DeletionNotice { right: Right::Correction, .. } => "correction-notice",
        Letter::DeletionNotice { .. } => "copy-notice",
        Letter::ControllerNotice { .. } => "controller-notice",
        Letter::PaperWanted { .. } => "paper-wanted",
        Letter::DownloadCode { .. } => "download-code",
        Letter::PackageRenewed { .. } => "package-renewed",
        Letter::AgentResult { .. } => "agent-result",
        Letter::AgentDownloadCode { .. } => "agent-download-code",
        Letter::AgentLapsed { .. } => "agent-lapsed",
        Letter::JobEnded(report) => ended(report)?,
        Letter::JobDelayed { .. } => "delayed",
        Letter::RestDeleted { .. } => "rest-deleted",
        Letter::DueDateChanged { .. } => "due-date-changed",
        Letter::OnFileCode { .. } => "on-file-code",
        Letter::AddressKept => "address-kept",
        Letter::Lapsed { .. } => "lapsed",
    })
}

fn ended(report: &JobReport) -> Result<&'static str, RenderError> {
    Ok(match (report.outcome, report.right) {
        (Outcome::Done, Right::Access) => "done-access",
        (Outcome::Done, Right::Deletion) => "done-deletion",
        (Outcome::Done, Right::Correction) => "done-correction",
        (Outcome::Done, Right::Portability) => "done-portability",
        (Outcome::Done, other) => return Err(RenderError::NoWording(other)),
        (Outcome::PartlyDone, _) => "partly-done",
        (Outcome::NothingHeld, _) => "nothing-held",
        (Outcome::Refused, _) => "refused",
        (Outcome::Withdrawn, _) => "withdrawn",
        (Outcome::Unverified, Right::Correction) => "new-address-lapsed",
        (Outcome::Unverified, _) => "lapsed",
        (Outcome::Disowned, _) => "disowned",
        (Outcome::Referred, _) => "referred",
    })
}

/// What every letter shows.
pub(crate) fn of_head(head: &Letterhead) -> Result<Value, RenderError> {
    let link = |link: &Personal<String>| Say(head).link(link.expose());
    let agent_end = head.agent_end.as_ref().map(link).transpose()?;
    let another = head.another.as_ref().map(link).transpose()?;
    let say = |text: &Bilingual| clean::line(pick(text, head.language));
    Ok(context! {
        language => head.language.as_str(),
        colon => if head.language == Language::Ja { "：" } else { ": " },
        reference => clean::line(&head.reference),
        name => greeting::usable_name(head.person_name.expose().as_deref()),
        for_child => head.for_child,
        controller => head.controller_name.as_ref().map(say),
        contact => clean::line(&head.contact_email),
        support => head.support.as_ref().map(say),
        complaint => say(&head.complaint),
        dispute_body => head.dispute_body.as_ref().map(say),
        non_discrimination => say(&head.non_discrimination),
        notice_version => head.notice_version.as_deref().map(clean::phrase),
        regime => say(&head.regime_title),
        base_url => below(head),
        agent_end,
        another,
    })
}

/// What this letter shows.
pub(crate) fn of_letter(letter: &Letter, head: &Letterhead) -> Result<Value, RenderError> {
    let say = Say(head);
    match letter {
        Letter::Verify { .. }
        | Letter::VerifyForAgent { .. }
        | Letter::VerifyAgent { .. }
        | Letter::VerifyChild { .. }
        | Letter::VerifyGuardian { .. }
        | Letter::ConfirmNewAddress { .. } => asking::of(letter, &say),
        Letter::DownloadCode { code, code_expires_at }
        | Letter::AgentDownloadCode { code, code_expires_at }
        | Letter::OnFileCode { code, code_expires_at } => Ok(context! {
            code => clean::line(code.expose()),
            code_expires_at => say.moment(*code_expires_at),
        }),
        Letter::JobEnded(report) => say.report(report),
        Letter::AgentResult { right, package } => Ok(context! {
            package => package.as_ref().map(|package| say.package(package)).transpose()?,
            ..say.right(*right)
        }),
        Letter::PackageRenewed { right, package } => Ok(context! {
            package => say.package(package)?,
            ..say.right(*right)
        }),
        other => telling(other, &say),
    }
}

/// What a letter shows that only tells something.
fn telling(letter: &Letter, say: &Say<'_>) -> Result<Value, RenderError> {
    let head = say.0;
    Ok(match letter {
        Letter::Received { rights, received_at, due_on } => context! {
            rights => say.rights(rights),
            received_on => wording::day_of(*received_at, head.time_zone, head.language),
            due_on => say.day(*due_on),
        },
        Letter::DeletionNotice {
            word, received_at, not_before, copy_first, link, link_expires_at, ..
        } => {
            context! {
                word => word.as_str(),
                received_on => wording::day_of(*received_at, head.time_zone, head.language),
                not_before => say.moment(*not_before),
                copy_first => *copy_first,
                link => say.link(link.expose())?,
                link_expires_at => say.moment(*link_expires_at),
            }
        }
        Letter::ControllerNotice { rights, received_at, person, .. } => context! {
            rights => say.rights_of_another(rights),
            received_on => wording::day_of(*received_at, head.time_zone, head.language),
            person => clean::line(person.expose()),
        },
        Letter::PaperWanted { kind, link, link_expires_at, days } => context! {
            kind => kind.as_str(),
            link => say.link(link.expose())?,
            link_expires_at => say.moment(*link_expires_at),
            days => *days,
        },
        Letter::JobDelayed { right, stores_done, open, due_on } => context! {
            stores_done => *stores_done,
            open => cleaned(open),
            due_on => say.day(*due_on),
            ..say.right(*right)
        },
        Letter::RestDeleted { rows, stores, kept, receipt } => context! {
            kept => kept.iter().map(|kept| say.kept(kept)).collect::<Vec<_>>(),
            rows => *rows,
            stores => *stores,
            receipt => clean::line(receipt),
        },
        Letter::DueDateChanged { from, to, reason } => context! {
            from => say.day(*from),
            to => say.day(*to),
            later => to > from,
            reason => clean::lines(reason),
        },
        Letter::Lapsed { rights } => context! { rights => say.rights(rights) },
        Letter::AgentLapsed { rights, unproven } => context! {
            rights => say.rights_of_another(rights),
            unproven => *unproven,
        },
        // The others are told of above, or show nothing of their own.
        _ => context! {},
    })
}

/// Where every link begins: the base URL with one slash at its end.
fn below(head: &Letterhead) -> String {
    format!("{}/", clean::line(&head.base_url).trim_end_matches('/'))
}

fn pick(text: &Bilingual, language: Language) -> &str {
    let own = text.get(language);
    if own.trim().is_empty() { &text.en } else { own }
}

/// A link to pages that are not ours, such as the company's form: as the configuration gives it.
pub(crate) fn foreign_link(link: &str) -> Result<String, RenderError> {
    if is_link(link) { Ok(link.to_owned()) } else { Err(RenderError::ForeignLink) }
}

/// A web address that can stand in both parts of a mail as it is.
fn is_link(link: &str) -> bool {
    let web = link.starts_with("https://") || link.starts_with("http://");
    web && link.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\'))
}

fn cleaned(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| clean::line(text)).collect()
}

/// Says things in the letter's language and time zone.
struct Say<'a>(&'a Letterhead);

impl Say<'_> {
    fn day(&self, day: NaiveDate) -> String {
        wording::day(day, self.0.language)
    }

    fn moment(&self, moment: DateTime<Utc>) -> String {
        wording::moment(moment, self.0.time_zone, self.0.language)
    }

    /// A link and a code, each with its end.
    fn proof(
        &self,
        (link, link_ends): (&Personal<String>, DateTime<Utc>),
        (code, code_ends): (&Personal<String>, DateTime<Utc>),
    ) -> Result<Value, RenderError> {
        Ok(context! {
            link => self.link(link.expose())?,
            link_expires_at => self.moment(link_ends),
            code => clean::line(code.expose()),
            code_expires_at => self.moment(code_ends),
        })
    }

    fn rights(&self, rights: &[Right]) -> Vec<&'static str> {
        rights.iter().map(|right| wording::right(*right, self.0.language)).collect()
    }

    fn rights_of_another(&self, rights: &[Right]) -> Vec<&'static str> {
        rights.iter().map(|right| wording::right_of_another(*right, self.0.language)).collect()
    }

    fn right(&self, right: Right) -> Value {
        context! {
            right => wording::right(right, self.0.language),
            right_short => wording::right_in_short(right, self.0.language),
            right_name => right.as_str(),
        }
    }

    /// A link, only if it lies below the base URL: the letter tells the person that all our links do.
    fn link(&self, link: &str) -> Result<String, RenderError> {
        let own = is_link(link) && link.starts_with(&below(self.0));
        if own { Ok(link.to_owned()) } else { Err(RenderError::ForeignLink) }
    }

    fn report(&self, report: &JobReport) -> Result<Value, RenderError> {
        let done = report.outcome == Outcome::Done;
        if done && report.right.gives_a_copy() && report.package.is_none() {
            return Err(RenderError::Missing("package"));
        }
        if report.outcome == Outcome::Refused && report.refusal.is_none() {
            return Err(RenderError::Missing("refusal"));
        }
        Ok(context! {
            rights => self.rights(&[report.right]),
            stores => report.stores,
            rows => report.rows,
            package => report.package.as_ref().map(|package| self.package(package)).transpose()?,
            kept => report.kept.iter().map(|kept| self.kept(kept)).collect::<Vec<_>>(),
            // What a job keeps itself leaves it done in part; what is told beside a copy was kept before.
            kept_before => report.right.gives_a_copy() || report.outcome == Outcome::NothingHeld,
            undone => cleaned(&report.undone),
            unmet => report.unmet.iter().map(|unmet| self.unmet(unmet)).collect::<Vec<_>>(),
            uncounted => report.uncounted,
            refusal => report.refusal.as_ref().map(|refusal| self.refusal(refusal)),
            receipt => report.receipt.as_deref().map(clean::line),
            referrals => report.referrals.iter().map(|one| self.referral(one)).collect::<Vec<_>>(),
            ..self.right(report.right)
        })
    }

    fn package(&self, package: &PackageLink) -> Result<Value, RenderError> {
        Ok(context! {
            url => self.link(package.url.expose())?,
            expires_at => self.moment(package.expires_at),
            downloads => package.downloads,
        })
    }

    fn kept(&self, kept: &Kept) -> Value {
        context! {
            what => clean::phrase(pick(&kept.what, self.0.language)),
            reason => clean::phrase(pick(&kept.reason, self.0.language)),
            until => kept.until.map(|day| self.day(day)),
            rows => kept.rows,
        }
    }

    fn referral(&self, referral: &Referral) -> Value {
        context! {
            name => clean::phrase(pick(&referral.name, self.0.language)),
            email => clean::line(&referral.email),
            url => clean::line(&referral.url),
        }
    }

    fn unmet(&self, unmet: &Unmet) -> Value {
        let why = match unmet.why {
            WhyUnmet::NoField => "no-field",
            WhyUnmet::NothingToReplace => "nothing-to-replace",
            WhyUnmet::ChangedSince => "changed-since",
        };
        context! { what => clean::phrase(pick(&unmet.what, self.0.language)), why }
    }

    fn refusal(&self, refusal: &Refusal) -> Value {
        context! {
            reason => clean::line(pick(&refusal.reason, self.0.language)),
            article => clean::line(&refusal.article),
            note => clean::lines(refusal.note.as_ref().map_or("", RefusalNote::as_str)),
        }
    }
}
