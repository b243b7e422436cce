//! `habeas token`

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use habeas_domain::{Actor, Holder, TokenId, TokenLife, TokenName};
use habeas_ledger::{Ledger, Listed, NewToken, Scope, TokenRecord};
use serde_json::{Value, json};

use crate::{
    assembly::open_state,
    context::Context,
    failure::Failure,
    output::{Report, moment, table},
    staff::{Staff, TokenArg, caller::authenticate, shown::unreadable, trail_json, trail_text},
};

const HEADS: [&str; 5] = ["ID", "NAME", "HOLDER", "SCOPES", "STATE"];

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
        /// What to call it, such as what it is used for.
        name: TokenName,
        /// Who will hold it: a member of staff, or a system. All tokens of one holder count as one person.
        #[arg(long)]
        holder: Holder,
        /// What it allows: read, submit, approve, hold, operate, admin. May be given several times.
        #[arg(long = "scope", required = true, value_delimiter = ',')]
        scopes: Vec<Scope>,
        /// After how many days it ends, at most 366.
        #[arg(long, default_value = "90")]
        days: TokenLife,
    },
    /// List every token that was ever made, without its secret.
    List,
    /// Show a token, and what was done about its holder: tokens made and revoked, and people looked up with them.
    Show {
        /// Its id, as `list` prints it.
        id: TokenId,
    },
    /// End a token at once and for ever.
    Revoke {
        /// Its id, as `list` prints it.
        id: TokenId,
    },
}

impl TokenArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self.command {
            TokenCommand::Create { name, holder, scopes, days: life } => {
                let scopes = scopes.into_iter().collect();
                create(context, &self.token, NewToken { name, holder, scopes, life }).await
            }
            TokenCommand::List => {
                let staff = Staff::sign_in(context, &self.token, Scope::Admin).await?;
                Ok(listed(context, &staff.ledger.list_tokens().await?))
            }
            TokenCommand::Show { id } => {
                let staff = Staff::sign_in(context, &self.token, Scope::Admin).await?;
                let (token, trail) = staff.ledger.token(id).await?;
                let text = table(context, HEADS, vec![row(&token)]) + "\n" + &trail_text(context, &trail);
                Ok(Report::new(text, &json!({ "token": told(&token), "trail": trail_json(&trail) })))
            }
            TokenCommand::Revoke { id } => {
                let staff = Staff::sign_in(context, &self.token, Scope::Admin).await?;
                let revoked = staff.ledger.revoke_token(id, staff.actor).await?;
                let text = if revoked { "revoked" } else { "it was revoked before" };
                Ok(Report::new(text, &json!({ "id": id, "revoked": revoked })))
            }
        }
    }
}

async fn create(context: &Context, token: &TokenArg, new: NewToken) -> Result<Report, Failure> {
    let config = context.load()?.config;
    let ledger = open_state(context, &config).await?;
    let by = if is_bootstrapped(&ledger, context.clock.now()).await? {
        authenticate(&config, &ledger, token, Scope::Admin).await?.actor()
    } else {
        Actor::System
    };
    let (made, secret) = ledger.create_token(&new, by).await?;
    let secret = secret.expose();
    let text = format!(
        "{}\nThis is the only time it is shown. It is token {} and ends at {}.",
        secret.as_str(),
        made.id,
        moment(made.expires_at)
    );
    let mut json = told(&made);
    json["token"] = secret.as_str().into();
    Ok(Report::new(text, &json))
}

/// Whether somebody holds a token with which further ones can be made.
async fn is_bootstrapped(ledger: &Ledger, now: DateTime<Utc>) -> Result<bool, Failure> {
    let is_live = |token: &TokenRecord| token.revoked_at.is_none() && token.expires_at > now;
    let tokens = ledger.list_tokens().await?;
    // One that cannot be read may be such a token: nobody gets another without a token because of it.
    Ok(!tokens.unreadable.is_empty()
        || tokens.items.iter().any(|token| is_live(token) && token.scopes.contains(&Scope::Admin)))
}

fn listed(context: &Context, tokens: &Listed<TokenRecord>) -> Report {
    let json: Vec<_> = tokens.items.iter().map(told).collect();
    let (lines, unreadable) = unreadable(&tokens.unreadable);
    let text = table(context, HEADS, tokens.items.iter().map(row).collect()) + &lines;
    Report::new(text, &json!({ "tokens": json, "unreadable": unreadable }))
}

fn row(token: &TokenRecord) -> [String; 5] {
    let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    let state = token.revoked_at.map_or_else(
        || format!("until {}", moment(token.expires_at)),
        |at| format!("revoked {}", moment(at)),
    );
    [token.id.to_string(), token.name.clone(), token.holder.clone(), scopes.join(" "), state]
}

fn told(token: &TokenRecord) -> Value {
    json!({
        "id": token.id, "name": token.name, "holder": token.holder, "acts_as": token.acts_as, "scopes": token.scopes,
        "created_at": token.created_at, "expires_at": token.expires_at, "revoked_at": token.revoked_at,
    })
}
