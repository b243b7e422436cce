//! `habeas token`

use std::{collections::BTreeSet, num::NonZeroU32};

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use habeas_config::Config;
use habeas_domain::TokenId;
use habeas_ledger::{Ledger, Scope, TokenRecord};
use serde_json::json;

use crate::{
    assembly::open_state,
    context::Context,
    failure::Failure,
    output::{Report, moment, table},
    staff::{Staff, TokenArg, caller::authenticate},
};

/// Make, list and revoke API tokens. The first one of a new installation needs no token.
#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
    #[command(flatten)]
    token: TokenArg,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token and print it, once.
    Create {
        /// Who will hold it.
        name: String,
        /// What it allows: read, submit, approve, hold, operate, admin. May be given several times.
        #[arg(long = "scope", required = true, value_delimiter = ',')]
        scopes: Vec<Scope>,
        /// After how many days it ends.
        #[arg(long, default_value = "90")]
        days: NonZeroU32,
    },
    /// List every token that was ever made, without its secret.
    List,
    /// End a token at once and for ever.
    Revoke {
        /// Its id, as `list` prints it.
        id: TokenId,
    },
}

impl TokenArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self.command {
            TokenCommand::Create { name, scopes, days } => {
                create(context, &self.token, &name, scopes.into_iter().collect(), days).await
            }
            TokenCommand::List => {
                let staff = Staff::sign_in(context, &self.token, Scope::Admin).await?;
                Ok(listed(context, &staff.ledger.list_tokens().await?))
            }
            TokenCommand::Revoke { id } => {
                let staff = Staff::sign_in(context, &self.token, Scope::Admin).await?;
                let revoked = staff.ledger.revoke_token(id).await?;
                let text = if revoked { "revoked" } else { "it was revoked before" };
                Ok(Report::new(text, &json!({ "id": id, "revoked": revoked })))
            }
        }
    }
}

async fn create(
    context: &Context,
    token: &TokenArg,
    name: &str,
    scopes: BTreeSet<Scope>,
    days: NonZeroU32,
) -> Result<Report, Failure> {
    let config = context.load()?.config;
    let ledger = open_state(context, &config).await?;
    if is_bootstrapped(&ledger, context.clock.now()).await? {
        allowed(&config, &ledger, token).await?;
    }
    let ends = context.clock.now() + TimeDelta::days(i64::from(days.get()));
    let (id, secret) = ledger.create_token(name, &scopes, ends).await?;
    let secret = secret.expose();
    let text = format!(
        "{}\nThis is the only time it is shown. It is token {id} and ends at {}.",
        secret.as_str(),
        moment(ends)
    );
    let json =
        json!({ "id": id, "name": name, "scopes": scopes, "expires_at": ends, "token": secret.as_str() });
    Ok(Report::new(text, &json))
}

async fn allowed(config: &Config, ledger: &Ledger, token: &TokenArg) -> Result<(), Failure> {
    authenticate(config, ledger, token, Scope::Admin).await.map(drop)
}

/// Whether somebody holds a token with which further ones can be made.
async fn is_bootstrapped(ledger: &Ledger, now: DateTime<Utc>) -> Result<bool, Failure> {
    let is_live = |token: &TokenRecord| token.revoked_at.is_none() && token.expires_at > now;
    let tokens = ledger.list_tokens().await?;
    Ok(tokens.iter().any(|token| is_live(token) && token.scopes.contains(&Scope::Admin)))
}

fn listed(context: &Context, tokens: &[TokenRecord]) -> Report {
    let scopes =
        |token: &TokenRecord| token.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let rows = tokens.iter().map(|token| {
        let state = token.revoked_at.map_or_else(
            || format!("until {}", moment(token.expires_at)),
            |at| format!("revoked {}", moment(at)),
        );
        [token.id.to_string(), token.name.clone(), scopes(token), state]
    });
    let json: Vec<_> = tokens
        .iter()
        .map(|token| {
            json!({
                "id": token.id, "name": token.name, "scopes": token.scopes, "created_at": token.created_at,
                "expires_at": token.expires_at, "revoked_at": token.revoked_at,
            })
        })
        .collect();
    let text = table(context, ["ID", "NAME", "SCOPES", "STATE"], rows.collect());
    Report::new(text, &json!({ "tokens": json }))
}
