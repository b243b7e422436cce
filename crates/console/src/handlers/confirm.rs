use axum::{Extension, extract::State, http::StatusCode, response::Response};
use habeas_domain::{Language, Right, wording};
use minijinja::context;

use super::see_other::see_other;
use crate::{Confirmation, Proof, form::Fields, link::Link, notice::Notice, pages::Page, state::Console};

/// The choice of a person who lets whoever acts for them have the results.
const AGENT_TOO: &str = "agent-too";

/// Shows what a link confirms. Changes nothing.
pub(super) async fn show(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Result<Response, Notice> {
    let found = match &link.0 {
        Some(secret) => console.desk.look(secret).await?,
        None => None,
    };
    if found.as_ref().is_some_and(|confirmation| confirmation.more && !confirmation.child) {
        return Ok(second_step(&link, language));
    }
    let ends_an_agent = found.as_ref().is_some_and(|found| found.proof == Proof::AgentEnd);
    let page = if ends_an_agent { "agent" } else { "confirm" };
    let place = format!("/{page}/{}", link.in_path());
    let page = match found {
        Some(used) if used.already.is_some() => thanks(&console, &used, &link, language).at(place),
        Some(done)
            if done.more || matches!(done.proof, Proof::Stopped | Proof::StopTooLate | Proof::AgentEnded) =>
        {
            thanks(&console, &done, &link, language)
        }
        Some(confirmation) => question(&confirmation, &link, language).at(place),
        None => ended(&link).at(place),
    };
    Ok(console.draw(language, page))
}

/// Confirms, when the person presses the button.
pub(super) async fn confirm(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
    fields: Result<Fields, Notice>,
) -> Result<Response, Notice> {
    console.count(&link)?;
    // Without a choice that can be read, the results go to the person alone.
    let agent_too = fields.is_ok_and(|fields| fields.get("results") == AGENT_TOO);
    let done = match &link.0 {
        Some(secret) => console.desk.confirm(secret, agent_too).await?,
        None => None,
    };
    if done.as_ref().is_some_and(|done| done.more && !done.child) {
        return Ok(second_step(&link, language));
    }
    let page = match done {
        Some(used) if used.already.is_some() => {
            thanks(&console, &used, &link, language).at(format!("/confirm/{}", link.in_path()))
        }
        Some(done) => thanks(&console, &done, &link, language),
        None => ended(&link),
    };
    Ok(console.draw(language, page))
}

/// The address is proven, and the request takes more.
pub(super) fn second_step(link: &Link, language: Language) -> Response {
    see_other(language, &format!("/identity/{}", link.in_path()))
}

fn question(of: &Confirmation, link: &Link, language: Language) -> Page {
    let template = match of.proof {
        Proof::Identity if of.child => "confirm-child",
        Proof::Identity => "confirm",
        Proof::Guardian => "confirm-guardian",
        Proof::NewAddress => "confirm-address",
        Proof::Stop | Proof::Stopped | Proof::StopTooLate => "stop",
        Proof::Agent => "agent",
        Proof::AgentEnd | Proof::AgentEnded => "agent-end",
    };
    let facts = context! {
        link => link.in_path(),
        reference => of.reference.as_str(),
        rights => words_of(of, language),
        deletes => of.rights.contains(&Right::Deletion),
        copies => of.rights.iter().any(|right| right.gives_a_copy()),
        agent => of.agent,
        agent_too => AGENT_TOO,
    };
    Page::new(template, facts)
}

/// What happens next, or that it was confirmed before. That page names neither what was asked nor how far it is, since others may
/// come by the link after the person.
pub(super) fn thanks(console: &Console, of: &Confirmation, link: &Link, language: Language) -> Page {
    if let Some(at) = of.already {
        return already(of, wording::day_of(at, console.settings.time_zone, language), language);
    }
    let template = match of.proof {
        Proof::Identity if of.child => "confirmed-child",
        Proof::Identity => "confirmed",
        Proof::Guardian => "confirmed-guardian",
        Proof::NewAddress => "address-confirmed",
        Proof::Stop | Proof::Stopped => "stopped",
        Proof::StopTooLate => "stop-too-late",
        Proof::Agent => "agent-confirmed",
        Proof::AgentEnd | Proof::AgentEnded => "agent-ended",
    };
    let facts = context! {
        link => link.in_path(),
        reference => of.reference.as_str(),
        deletes => of.rights.contains(&Right::Deletion),
        copies => of.rights.iter().any(|right| right.gives_a_copy()),
        corrects => of.rights.contains(&Right::Correction),
        due_on => wording::day(of.due_on, language),
    };
    Page::new(template, facts)
}

fn already(of: &Confirmation, day: String, language: Language) -> Page {
    let what = match of.proof {
        Proof::Identity if of.child => "child",
        Proof::Guardian => "guardian",
        Proof::NewAddress => "address",
        Proof::Agent => "agent",
        _ => "request",
    };
    let due_on = wording::day(of.due_on, language);
    Page::new("already", context! { what, day, due_on, reference => of.reference.as_str() })
}

/// What stands behind a link that does not lead where it was opened: that it was used, while it would live, or that it ended.
pub(super) async fn over(console: &Console, link: &Link, language: Language) -> Result<Page, Notice> {
    let found = match &link.0 {
        Some(secret) => console.desk.look(secret).await?,
        None => None,
    };
    let used = found.filter(|found| found.already.is_some());
    Ok(used.map_or_else(|| ended(link), |used| thanks(console, &used, link, language)))
}

/// The same for a link that is over, mangled or made up.
pub(super) fn ended(link: &Link) -> Page {
    Page::new("link-ended", context! { link => link.in_path() }).with(StatusCode::NOT_FOUND)
}

fn words_of(of: &Confirmation, language: Language) -> Vec<&'static str> {
    let word = if of.proof == Proof::Guardian { wording::right_of_another } else { wording::right };
    of.rights.iter().map(|right| word(*right, language)).collect()
}
