//! `habeas mail accept`

use clap::Args;
use habeas_api::{AcceptMail, ReceiveRefused};
use habeas_domain::{EmailAddress, MailChoice, PersonName, ReceivedMailId, RegimeId, Right};
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    assembly,
    context::Context,
    failure::{Exit, Failure},
    output::Report,
    serve::ports::MailDesk,
    staff::{Staff, TokenArg},
};

/// Options of `mail accept`.
#[derive(Args)]
pub(crate) struct AcceptArgs {
    /// Its id.
    mail: ReceivedMailId,
    /// A right to take it for; may be repeated. Without it, those that the mail asks for without doubt.
    #[arg(long = "right", value_name = "RIGHT", value_parser = crate::cli::values::words(&Right::ALL, Right::as_str))]
    rights: Vec<Right>,
    /// Whose request it is, where it is not the sender's: the original sender of a mail that was passed on, say.
    #[arg(long, value_name = "EMAIL")]
    subject: Option<String>,
    /// The law.
    #[arg(long)]
    regime: Option<RegimeId>,
    /// The sender writes as the parent or guardian of the subject, who is a child: nothing that the child does opens the
    /// request then.
    #[arg(long, requires = "subject")]
    by_guardian: bool,
    /// The name of that parent or guardian, where the mail does not give its sender one.
    #[arg(long, value_name = "NAME", requires = "by_guardian")]
    guardian_name: Option<String>,
    /// The child's age in years, compared with the law's and not kept. Without it, that the stores hold the guardian is not
    /// enough: staff look at a document.
    #[arg(long, value_name = "YEARS", requires = "by_guardian", value_parser = clap::value_parser!(u8).range(0..=120))]
    child_age: Option<u8>,
}

impl std::fmt::Debug for AcceptArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AcceptArgs").field("mail", &self.mail).finish_non_exhaustive()
    }
}

impl AcceptArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let subject = self.subject.as_deref().map(EmailAddress::parse).transpose();
        let name = self.guardian_name.as_deref().map(PersonName::parse).transpose();
        let choice = MailChoice {
            rights: (!self.rights.is_empty()).then_some(self.rights),
            subject: subject.map_err(|problem| Failure::usage(format!("--subject: {problem}")))?,
            regime: self.regime,
            by_guardian: self.by_guardian,
            guardian_name: name.map_err(|problem| Failure::usage(format!("--guardian-name: {problem}")))?,
            child_age: self.child_age,
        };
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let regimes = assembly::regimes(&staff.config)?;
        let reception = assembly::reception(context, &staff.config, &staff.ledger, &regimes, None)?;
        let desk = MailDesk { ledger: staff.ledger.clone(), reception };
        let accepted = desk.accept(self.mail, choice, staff.actor).await.map_err(refused)?;
        let text = format!(
            "taken as {}, due on {}; the person is asked to prove who they are",
            accepted.reference, accepted.due_on
        );
        let json = json!({
            "mail": self.mail, "request": accepted.id, "reference": accepted.reference,
            "due_on": accepted.due_on, "duplicate_of": accepted.duplicate_of,
        });
        Ok(Report::new(text, &json))
    }
}

fn refused(refused: ReceiveRefused) -> Failure {
    match refused {
        ReceiveRefused::Problems(problems) => {
            let lines: Vec<String> =
                problems.iter().map(|problem| format!("{}: {}", problem.field, problem.message)).collect();
            Failure::new(Exit::Findings, "mail", format!("it cannot be taken as it is: {}", lines.join("; ")))
                .fix("name the rights with --right, the person with --subject, the parent or guardian with --guardian-name, the law with --regime; a correction has to be handed in with `habeas request submit`, and the mail filed with it")
        }
        ReceiveRefused::KeyReused => {
            Failure::new(Exit::Findings, "mail", "it was taken as another request before")
                .fix("look at `habeas mail show`")
        }
        ReceiveRefused::Mail(error) => error.into(),
        ReceiveRefused::Failed(fault) => {
            Failure::new(Exit::Unavailable, "state", fault.detail).fix("try again")
        }
    }
}
