//! Whose token it is.

use clap::Args;
use habeas_config::Config;
use habeas_domain::{Actor, submission::Submitter};
use habeas_ledger::{Ledger, Scope, TokenRecord};
use habeas_vault::ApiToken;

use crate::{
    assembly::open_state,
    context::Context,
    failure::{Exit, Failure},
};

/// The token of whoever calls.
#[derive(Clone, Args)]
pub(crate) struct TokenArg {
    /// Your API token [default of the embedded installation: the token it made at its first start]
    #[arg(
        long,
        global = true,
        env = "HABEAS_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN",
        display_order = 900
    )]
    token: Option<String>,
}

impl std::fmt::Debug for TokenArg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenArg")
    }
}

/// Somebody who may do what they ask, at the state database.
pub(crate) struct Staff {
    /// The state database.
    pub(crate) ledger: Ledger,
    /// Who they are, for audit trails.
    pub(crate) actor: Actor,
    /// Whether they may approve, too.
    pub(crate) may_approve: bool,
    /// The configuration.
    pub(crate) config: Config,
}

impl Staff {
    /// Opens the state database and checks the token.
    pub(crate) async fn sign_in(context: &Context, token: &TokenArg, scope: Scope) -> Result<Self, Failure> {
        let config = context.load()?.config;
        let ledger = open_state(context, &config).await?;
        let record = authenticate(&config, &ledger, token, scope).await?;
        let (actor, may_approve) = (record.actor(), record.allows(Scope::Approve));
        Ok(Self { ledger, actor, may_approve, config })
    }

    /// As whoever hands a submission in: whoever may approve it may say which law it is under.
    pub(crate) const fn submitter(&self) -> Submitter {
        Submitter { actor: self.actor, chooses_law: self.may_approve }
    }
}

/// The token, if it allows `scope`.
pub(crate) async fn authenticate(
    config: &Config,
    ledger: &Ledger,
    token: &TokenArg,
    scope: Scope,
) -> Result<TokenRecord, Failure> {
    let text = match &token.token {
        Some(text) => text.clone(),
        None => from_file(config)?,
    };
    let token = ApiToken::parse(text.trim()).map_err(|error| refused(error.to_string()))?;
    match ledger.authenticate(&token).await? {
        Some(record) if record.allows(scope) => Ok(record),
        Some(_) => Err(refused(format!("this token does not allow this: it lacks the scope `{scope}`"))),
        None => Err(refused("this token is unknown, revoked or past its end".to_owned())),
    }
}

fn refused(message: String) -> Failure {
    Failure::new(Exit::Findings, "token", message).fix("make one with `habeas token create`")
}

fn from_file(config: &Config) -> Result<String, Failure> {
    let file = config.token_file();
    std::fs::read_to_string(&file).map_err(|_| {
        Failure::usage("this needs an API token").fix(format!(
            "give --token or set HABEAS_TOKEN; the embedded installation keeps its first one in {}",
            file.display()
        ))
    })
}
