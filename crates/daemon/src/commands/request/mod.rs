//! `habeas request`

mod accept_part;
mod acknowledge;
mod approve;
mod bulk;
mod clear_review;
mod confirm_copy;
mod contacts;
mod decide;
mod drop_agent;
mod evidence;
mod extend;
mod guardian;
mod list;
mod mail_again;
mod paper;
mod plan_anew;
mod receipts;
mod refuse;
mod review;
mod settle_dispute;
mod show;
mod submit;
mod verify_by_call;
mod withdraw;

use clap::{Args, Subcommand};

use crate::{context::Context, failure::Failure, output::Report, staff::TokenArg};

/// Hand in requests, look at them, decide them.
#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    #[command(subcommand)]
    command: RequestCommand,
    #[command(flatten)]
    token: TokenArg,
}

#[derive(Debug, Subcommand)]
enum RequestCommand {
    /// Hand in what a person asked for.
    Submit(Box<submit::SubmitArgs>),
    /// List requests, newest first.
    List(list::ListArgs),
    /// Show one request: what it waits for, its jobs, tasks and mails.
    Show(show::ShowArgs),
    /// Agree to the plan of a job.
    Approve(approve::ApproveArgs),
    /// Refuse a job, with a reason that its law allows. The person is told.
    Refuse(refuse::RefuseArgs),
    /// Use the law's extension of the due date. The person is told.
    Extend(extend::ExtendArgs),
    /// Mark that the person was told by post or telephone that their request arrived, where its law sets a day for that.
    Acknowledge(acknowledge::AcknowledgeArgs),
    /// Take a request back, on the person's word.
    Withdraw(withdraw::WithdrawArgs),
    /// Mail the person their link again, if they say that no mail came: to the address of the request, or to a new one that a
    /// correction waits for.
    MailAgain(mail_again::MailAgainArgs),
    /// End a stalled job with what was done; the letter names what was not.
    AcceptPart(accept_part::AcceptPartArgs),
    /// Find out anew what a job that has changed nothing yet would do, such as after a manifest or a store was mended.
    PlanAnew(plan_anew::PlanAnewArgs),
    /// Let a deletion go on whose copy was made in part, or whose mail about it came back.
    ConfirmCopy(confirm_copy::ConfirmCopyArgs),
    /// Show the signed receipts whose numbers the letters name: what was done to which store, and when.
    Receipts(receipts::ReceiptsArgs),
    /// Show what was proven of who the person is, and what is missing. Recorded.
    Evidence(evidence::EvidenceArgs),
    /// Show the telephone numbers on file, for a call-back. Recorded.
    Contacts(contacts::ContactsArgs),
    /// Record a call-back to a number on file.
    VerifyByCall(verify_by_call::VerifyByCallArgs),
    /// Take a request for one about a child, and name the parent or guardian who stands for it.
    Guardian(guardian::GuardianArgs),
    /// Ask for papers, hand them in, look at them, judge them.
    Paper(paper::PaperArgs),
    /// Show what a request stopped at for review, with the values, and what can be decided. Recorded.
    Review(review::ReviewArgs),
    /// Decide about what a request stopped at: whose a value is, or how many are allowed.
    Decide(decide::DecideArgs),
    /// Have the keys of a request that stopped for review resolved again, without a decision.
    ClearReview(clear_review::ClearReviewArgs),
    /// Decide about "this was not me", said from an address on file.
    SettleDispute(settle_dispute::SettleDisputeArgs),
    /// Go on for the person alone: the agent who asked has no part in it any more.
    DropAgent(drop_agent::DropAgentArgs),
}

impl RequestArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let token = &self.token;
        match self.command {
            RequestCommand::Submit(args) => args.run(context, token).await,
            RequestCommand::List(args) => args.run(context, token).await,
            RequestCommand::Show(args) => args.run(context, token).await,
            RequestCommand::Approve(args) => args.run(context, token).await,
            RequestCommand::Refuse(args) => args.run(context, token).await,
            RequestCommand::Extend(args) => args.run(context, token).await,
            RequestCommand::Acknowledge(args) => args.run(context, token).await,
            RequestCommand::Withdraw(args) => args.run(context, token).await,
            RequestCommand::MailAgain(args) => args.run(context, token).await,
            RequestCommand::AcceptPart(args) => args.run(context, token).await,
            RequestCommand::PlanAnew(args) => args.run(context, token).await,
            RequestCommand::ConfirmCopy(args) => args.run(context, token).await,
            RequestCommand::Receipts(args) => args.run(context, token).await,
            RequestCommand::Evidence(args) => args.run(context, token).await,
            RequestCommand::Contacts(args) => args.run(context, token).await,
            RequestCommand::VerifyByCall(args) => args.run(context, token).await,
            RequestCommand::Guardian(args) => args.run(context, token).await,
            RequestCommand::Paper(args) => args.run(context, token).await,
            RequestCommand::Review(args) => args.run(context, token).await,
            RequestCommand::Decide(args) => args.run(context, token).await,
            RequestCommand::ClearReview(args) => args.run(context, token).await,
            RequestCommand::SettleDispute(args) => args.run(context, token).await,
            RequestCommand::DropAgent(args) => args.run(context, token).await,
        }
    }
}
