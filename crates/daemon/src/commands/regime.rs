//! `habeas regime`

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use habeas_domain::{
    Language, Regime, RegimeId, Regimes,
    regime::{Confidence, Sourced},
    verification::{Method, VerificationPolicy},
};
use serde_json::json;

use crate::{
    assembly,
    context::Context,
    failure::{Exit, Failure},
    output::{Report, details, table},
};

/// Look at the laws as this deployment applies them. Not legal advice: what is not stated in the law is marked, and is to
/// be checked with counsel.
#[derive(Debug, Args)]
pub(crate) struct RegimeArgs {
    #[command(subcommand)]
    command: RegimeCommand,
}

#[derive(Debug, Subcommand)]
enum RegimeCommand {
    /// List the laws that a request can be under.
    List,
    /// Show one law's policy: its periods and rights, what proof takes, its rules for agents and for children; each with
    /// its article. With --output json everything that its file says.
    Show {
        /// Its id, such as `eu_gdpr`.
        regime: RegimeId,
    },
}

impl RegimeArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Report, Failure> {
        let config = context.load()?.config;
        let regimes = assembly::regimes(&config)?;
        match self.command {
            RegimeCommand::List => Ok(list(context, &assembly::taken(&config, &regimes))),
            RegimeCommand::Show { regime } => match regimes.get(&regime) {
                Some(found) => {
                    let text = shown(context, found, config.requests.takes(&regime));
                    Ok(Report::new(text, found))
                }
                None => Err(Failure::new(Exit::Findings, "regimes", format!("there is no law {regime}"))
                    .fix("see `habeas regime list`")),
            },
        }
    }
}

fn list(context: &Context, regimes: &Regimes) -> Report {
    let rows = regimes.iter().map(|regime| {
        [
            regime.id.to_string(),
            regime.title.get(Language::En).to_owned(),
            regime.timing.respond.value.to_string(),
            regime.child.age.value.to_string(),
            mandates(regime),
        ]
    });
    let heads = ["REGIME", "LAW", "ANSWER WITHIN", "CHILD UNDER", "MANDATES WITHOUT CONFIRMATION"];
    let all: Vec<&Regime> = regimes.iter().collect();
    Report::new(table(context, heads, rows.collect()), &json!({ "regimes": all }))
}

fn mandates(regime: &Regime) -> String {
    let kinds = regime.agents.without_confirmation.keys().map(ToString::to_string);
    kinds.collect::<Vec<_>>().join(", ")
}

fn shown(context: &Context, regime: &Regime, taken: bool) -> String {
    let mut head = vec![
        ("regime", regime.id.to_string()),
        ("law", format!("{} ({})", regime.title.get(Language::En), regime.citation)),
        ("answer within", sourced(&regime.timing.respond)),
    ];
    if !taken {
        head.push(("taken", "no: requests.regimes leaves it out".to_owned()));
    }
    let rights = regime.rights.iter().map(|(right, rule)| {
        [right.to_string(), rule.approval.as_str().to_owned(), from(&rule.article, rule.confidence)]
    });
    let rights = table(context, ["RIGHT", "AGREED BY", "ARTICLE"], rights.collect());
    [
        details(context, &head),
        rights,
        proof(context, regime),
        agents(context, regime),
        children(context, regime),
    ]
    .join("\n")
}

fn proof(context: &Context, regime: &Regime) -> String {
    let rules = &regime.verification;
    let high: Vec<String> = rules.high_for.iter().map(ToString::to_string).collect();
    let rows = [
        ("proof", enough(&rules.reasonable)),
        ("proof where high", enough(&rules.high)),
        ("high for", high.join(", ")),
    ];
    details(context, &rows)
}

fn agents(context: &Context, regime: &Regime) -> String {
    let rules = &regime.agents;
    let days = rules.proof_days.as_ref().map_or_else(|| "as the deployment says".to_owned(), sourced);
    let mut rows = vec![("agents: address holds, days", days)];
    if rules.without_confirmation.is_empty() {
        rows.push(("agents: without confirmation", "none; the person confirms each request".to_owned()));
    }
    for (kind, why) in &rules.without_confirmation {
        rows.push((
            "agents: without confirmation",
            format!("{kind}, {}", from(&why.article, why.confidence)),
        ));
    }
    details(context, &rows)
}

fn children(context: &Context, regime: &Regime) -> String {
    let rule = &regime.child;
    let mut rows = vec![("children: under", sourced(&rule.age))];
    for (country, age) in &rule.countries {
        rows.push(("children: elsewhere under", format!("{country}: {}", sourced(age))));
    }
    rows.push(("children: answer within", sourced(&rule.within)));
    rows.push(("children: proof", enough(&rule.verification)));
    details(context, &rows)
}

/// The ways to meet a policy, each a set of methods, with its article.
fn enough(policy: &VerificationPolicy) -> String {
    let set = |set: &BTreeSet<Method>| set.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    let sets: Vec<String> = policy.enough.iter().map(set).collect();
    format!("{} ({})", sets.join(", or "), policy.article)
}

fn sourced<T: std::fmt::Display>(value: &Sourced<T>) -> String {
    format!("{}, {}", value.value, value.cited().en)
}

fn from(article: &str, confidence: Confidence) -> String {
    if confidence.needs_counsel() { format!("{article}; check with counsel") } else { article.to_owned() }
}
