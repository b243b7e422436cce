//! What the letters show that ask somebody to show who they are.

use habeas_domain::Letter;
use minijinja::{context, value::Value};

use super::Say;
use crate::{RenderError, clean, greeting};

/// What this letter shows; nothing of its own if it asks for no such thing.
pub(super) fn of(letter: &Letter, say: &Say<'_>) -> Result<Value, RenderError> {
    Ok(match letter {
        Letter::Verify { rights, link, link_expires_at, code, code_expires_at } => context! {
            rights => say.rights(rights),
            ..say.proof((link, *link_expires_at), (code, *code_expires_at))?
        },
        Letter::VerifyAgent { link, link_expires_at, code, code_expires_at } => {
            say.proof((link, *link_expires_at), (code, *code_expires_at))?
        }
        Letter::VerifyForAgent {
            rights,
            agent_name,
            organisation,
            agent_email,
            mandate_counts,
            link,
            link_expires_at,
            code,
            code_expires_at,
        } => context! {
            rights => say.rights(rights),
            agent => greeting::usable_name(Some(agent_name.expose())),
            organisation => greeting::usable_name(organisation.as_ref().map(|name| name.expose().as_str())),
            agent_email => clean::line(agent_email.expose()),
            mandate_counts => *mandate_counts,
            ..say.proof((link, *link_expires_at), (code, *code_expires_at))?
        },
        Letter::VerifyChild { rights, guardian, link, link_expires_at, code, code_expires_at } => context! {
            rights => say.rights(rights),
            guardian => *guardian,
            ..say.proof((link, *link_expires_at), (code, *code_expires_at))?
        },
        Letter::VerifyGuardian { rights, link, link_expires_at } => context! {
            rights => say.rights_of_another(rights),
            link => say.link(link.expose())?,
            link_expires_at => say.moment(*link_expires_at),
        },
        Letter::ConfirmNewAddress { link, link_expires_at } => context! {
            link => say.link(link.expose())?,
            link_expires_at => say.moment(*link_expires_at),
        },
        _ => context! {},
    })
}
