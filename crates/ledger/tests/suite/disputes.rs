//! The warning before a deletion, the grace after it, and "this was not me".

use chrono::TimeDelta;
use habeas_domain::{Fault, JobState, Letter, Outcome, Personal, RequestId, RequestState, Right, WorkKind};
use habeas_ledger::{
    ChallengeRecord, Dispute, DisputeDecision, Failed, JobPlan, LedgerError, NewChallenge, NewFinding, Next,
    Notice, Noticed, Planned, PlannedJob, Purpose, RequestFilter, StopStanding, WaitsFor,
};
use serde_json::json;

use crate::{
    steps::{challenge, contradiction, hash, new_request, plan, staff},
    world::{World, start},
};

on_both!(
    a_deletion_waits_for_its_warnings_and_for_the_grace,
    without_a_grace_it_begins_when_the_warnings_are_out,
    without_a_grace_no_clock_holds_it_up,
    an_address_that_takes_no_mail_holds_nothing_up,
    while_nobody_is_warned_nothing_begins,
    a_plan_that_grew_meanwhile_is_agreed_to_anew,
    whom_only_the_grown_plan_knows_is_warned_with_a_grace_of_their_own,
    whoever_is_warned_later_than_others_can_stop_it,
    an_address_that_is_warned_later_and_takes_no_mail_holds_nothing_up,
    a_plan_that_was_agreed_to_late_is_made_anew,
    an_objection_stops_everything_and_waits_for_staff,
    what_staff_uphold_ends_and_is_told,
    what_staff_dismiss_is_approved_and_warned_of_anew,
    a_late_objection_stops_the_rest_and_is_told_to_staff,
    the_copy_comes_first_and_the_grace_runs_beside_it,
    a_disputed_request_hands_out_no_package,
    a_warning_greets_nobody,
    a_new_plan_warns_anew,
    one_deletion_that_cannot_begin_keeps_no_other_back,
    a_host_whose_clock_is_ahead_begins_nothing_early,
    an_objection_wins_every_race_with_the_beginning,
    the_persons_other_requests_stop_with_it,
    staff_settle_each_of_them,
    what_ends_takes_back_its_own_words_alone,
);

const GRACE: u64 = 72 * 3600;

fn addresses() -> [&'static str; 2] {
    ["hanako@example.jp", "hanako.old@example.com"]
}

impl World {
    async fn resolve_warned(&self, request: RequestId, grace_seconds: u64) {
        self.resolve_to_warn(request, grace_seconds, &addresses()).await;
    }

    async fn resolve_to_warn(&self, request: RequestId, grace_seconds: u64, on_file: &[&str]) {
        let claimed = self.claim_one(request, WorkKind::Resolve).await;
        let notice = || Notice {
            grace_seconds,
            addresses: on_file.iter().map(|address| Personal::new((*address).to_owned())).collect(),
            told: Vec::new(),
        };
        let jobs = self.view(request).await.jobs;
        let jobs = jobs.iter().filter(|job| job.state == JobState::AwaitingPlan).map(|job| PlannedJob {
            job: job.id,
            hash: hash(1),
            plan: JobPlan { notice: (job.right == Right::Deletion).then(notice), ..plan(&["crm", "shop"]) },
            confirmations: Vec::new(),
        });
        let planned = Planned {
            lease: claimed.lease,
            request,
            keys: Personal::new(json!({})),
            jobs: jobs.collect(),
            referrals: Vec::new(),
            removes: Vec::new(),
            again: false,
        };
        self.ledger.planned(vec![planned]).await.unwrap();
    }

    /// Approved, with the warnings still to be made.
    async fn approved(&self, rights: &[Right], grace_seconds: u64) -> RequestId {
        self.approved_of(addresses()[0], rights, grace_seconds).await
    }

    async fn approved_of(&self, who: &str, rights: &[Right], grace_seconds: u64) -> RequestId {
        let request = self.accept(new_request(who, rights)).await;
        self.prove(request).await;
        self.resolve_warned(request, grace_seconds).await;
        self.approve(request, Right::Deletion, staff(2)).await;
        request
    }

    fn warning(&self, address: &str) -> NewChallenge {
        let token = self.ledger.vault().new_token();
        let now = self.ledger.ids().now();
        let link_expires_at = now + TimeDelta::days(30);
        NewChallenge {
            purpose: Purpose::Stop,
            link: Some((token.hash(), link_expires_at)),
            code: None,
            tries: 0,
            package: None,
            to: Personal::new(address.to_owned()),
            letter: Letter::DeletionNotice {
                right: Right::Deletion,
                word: habeas_domain::letter::Word::Person,
                received_at: now,
                not_before: now,
                copy_first: false,
                link: Personal::new("https://privacy.example.com/ja/confirm/stop".to_owned()),
                link_expires_at,
            },
        }
    }

    /// Makes the warnings. Returns their links.
    async fn warn(&self, request: RequestId) -> Vec<ChallengeRecord> {
        let claimed = self.claim_one(request, WorkKind::Challenge).await;
        let job =
            self.ledger.jobs_to_run(&[claimed.job.unwrap()]).await.unwrap().into_values().next().unwrap();
        let notice = job.plan.unwrap().notice.unwrap();
        let notices: Vec<_> = notice.untold().map(|address| self.warning(address.expose())).collect();
        let tokens: Vec<_> = notices.iter().map(|one| one.link.unwrap().0).collect();
        let job = claimed.job.unwrap();
        let made = Noticed { lease: claimed.lease, request, job, notices };
        self.ledger.noticed(vec![made]).await.unwrap();
        let mut links = Vec::new();
        for token in tokens {
            links.push(self.ledger.challenge_by_token(&token).await.unwrap().unwrap());
        }
        links
    }

    async fn send(&self, request: RequestId, most: usize) {
        let claimed = self.claim(request, WorkKind::Mail).await;
        let mails = self.ledger.mails_to_send(&claimed).await.unwrap();
        let notices = mails.iter().filter(|mail| mail.letter.kind() == "deletion-notice");
        let some: Vec<_> = notices.take(most).map(|mail| (mail.lease, mail.request, mail.id)).collect();
        self.ledger.mails_sent(&some).await.unwrap();
        let rest = claimed.iter().filter(|one| !some.iter().any(|(lease, ..)| *lease == one.lease));
        let rest: Vec<_> = rest.map(|one| one.lease).collect();
        self.ledger.release(&rest).await.unwrap();
    }

    /// Parks every mail that waits.
    async fn refuse_mails(&self, request: RequestId) {
        let claimed = self.claim(request, WorkKind::Mail).await;
        let failed = claimed.iter().map(|one| Failed {
            lease: one.lease,
            request,
            fault: Fault::permanent("mail-refused", "no such mailbox"),
            next: Next::Park,
        });
        self.ledger.failed(failed.collect()).await.unwrap();
    }

    async fn deletion(&self, request: RequestId) -> (JobState, Vec<WaitsFor>) {
        let job = self.job(request, Right::Deletion).await;
        (job.state, job.waits_for)
    }

    async fn begun(&self) -> u64 {
        self.ledger.start_after_grace(100).await.unwrap()
    }
}

async fn a_deletion_waits_for_its_warnings_and_for_the_grace(world: World) {
    let request = world.approved(&[Right::Deletion], GRACE).await;
    assert_eq!(world.deletion(request).await, (JobState::AwaitingGrace, vec![WaitsFor::Grace]));
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(world.begun().await, 0, "not before the warnings are made");
    world.warn(request).await;
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(world.begun().await, 0, "not before they are out");
    world.send(request, 1).await;
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(world.begun().await, 0, "not while one of them is still on its way");
    world.send(request, 1).await;
    assert_eq!(
        world.job(request, Right::Deletion).await.grace_until,
        Some(world.ledger.ids().now() + TimeDelta::hours(72))
    );
    world.clock.advance(TimeDelta::hours(72) - TimeDelta::microseconds(1));
    assert_eq!(world.begun().await, 0, "not before the grace is over");
    assert!(world.waiting(request, WorkKind::Task).await.is_empty());
    world.clock.advance(TimeDelta::microseconds(1));
    assert_eq!((world.begun().await, world.begun().await), (1, 0), "once");
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingPlan, "by a plan of now");
    world.resolve_warned(request, GRACE).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running, "it was agreed to before");
    assert!(world.waiting(request, WorkKind::Challenge).await.is_empty(), "nobody is warned again");
    assert_eq!(world.waiting(request, WorkKind::Task).await.len(), 2);
    world.assert_audit_whole().await;
}

async fn without_a_grace_it_begins_when_the_warnings_are_out(world: World) {
    let request = world.approved(&[Right::Deletion], 0).await;
    world.warn(request).await;
    world.send(request, 1).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingGrace);
    world.send(request, 1).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
    assert_eq!(world.waiting(request, WorkKind::Task).await.len(), 2);
}

/// SQLite's clock counts milliseconds: beside it this process is ahead for as long as the millisecond lasts.
async fn without_a_grace_no_clock_holds_it_up(world: World) {
    let request = world.accepted(&[Right::Deletion]).await;
    world.prove(request).await;
    let ahead = habeas_domain::Clock::now(&habeas_domain::SystemClock) + TimeDelta::days(1);
    world.clock.advance(ahead - start());
    world.resolve_warned(request, 0).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    world.warn(request).await;
    world.send(request, 2).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
}

async fn an_address_that_takes_no_mail_holds_nothing_up(world: World) {
    let request = world.approved(&[Right::Deletion], 0).await;
    world.warn(request).await;
    world.send(request, 1).await;
    world.refuse_mails(request).await;
    assert_eq!(world.begun().await, 1);
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
}

async fn while_nobody_is_warned_nothing_begins(world: World) {
    let request = world.approved(&[Right::Deletion], 0).await;
    world.warn(request).await;
    world.refuse_mails(request).await;
    world.clock.advance(TimeDelta::days(20));
    assert_eq!(world.begun().await, 0);
    assert!(world.view(request).await.waits_for.contains(&WaitsFor::Ops), "and ops see why");
    world.ledger.requeue_by_fault("mail-refused", staff(3)).await.unwrap();
    world.send(request, 2).await;
    world.resolve_warned(request, 0).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running, "as soon as one takes it");
}

/// The plan is found to be of another time, and grew: whoever agreed did not know.
async fn a_plan_that_grew_meanwhile_is_agreed_to_anew(world: World) {
    let request = world.approved(&[Right::Deletion], GRACE).await;
    world.warn(request).await;
    world.send(request, 2).await;
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(world.begun().await, 1);
    let resolve = world.claim_one(request, WorkKind::Resolve).await;
    world.planned(request, resolve.lease, &["crm", "shop", "support"], hash(2)).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingApproval);
    world.clock.advance(TimeDelta::minutes(1));
    world.approve(request, Right::Deletion, staff(4)).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
    assert_eq!(world.waiting(request, WorkKind::Task).await.len(), 3);
    world.assert_audit_whole().await;
}

/// An address that came on file in the grace.
const LATE: &str = "hanako.late@example.org";

/// Warned, the grace over, and planned anew with an address more: the other two are spelled as they are written now.
async fn grown(world: &World) -> RequestId {
    let request = world.approved(&[Right::Deletion], GRACE).await;
    world.warn(request).await;
    world.send(request, 2).await;
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(world.begun().await, 1);
    world.resolve_to_warn(request, GRACE, &["hanako.old@Example.COM", LATE, addresses()[0]]).await;
    request
}

async fn whom_only_the_grown_plan_knows_is_warned_with_a_grace_of_their_own(world: World) {
    let request = grown(&world).await;
    assert_eq!(world.deletion(request).await, (JobState::AwaitingGrace, vec![WaitsFor::Grace]));
    assert_eq!(world.warn(request).await.len(), 1, "nobody is warned of it twice");
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(world.begun().await, 0, "not before the warning is out");
    world.send(request, 1).await;
    world.clock.advance(TimeDelta::hours(71));
    assert_eq!(world.begun().await, 0, "whoever is warned later has as long to object");
    world.clock.advance(TimeDelta::hours(1));
    assert_eq!(world.begun().await, 1);
    world.resolve_to_warn(request, GRACE, &[addresses()[0], LATE]).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
    assert!(world.waiting(request, WorkKind::Challenge).await.is_empty(), "all of them were warned");
    let sent = world.view(request).await.mails;
    assert_eq!(sent.iter().filter(|mail| mail.kind == "deletion-notice").count(), 3);
    world.assert_audit_whole().await;
}

async fn whoever_is_warned_later_than_others_can_stop_it(world: World) {
    let request = grown(&world).await;
    let links = world.warn(request).await;
    world.send(request, 1).await;
    assert_eq!(world.ledger.dispute(links[0].id).await.unwrap(), Dispute::Stopped(request));
    world.clock.advance(TimeDelta::days(20));
    assert_eq!(world.begun().await, 0);
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Disputed);
}

async fn an_address_that_is_warned_later_and_takes_no_mail_holds_nothing_up(world: World) {
    let request = grown(&world).await;
    world.warn(request).await;
    world.refuse_mails(request).await;
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(world.begun().await, 1, "others were warned, and let it pass");
}

/// The plan lay with staff for longer than it holds.
async fn a_plan_that_was_agreed_to_late_is_made_anew(world: World) {
    let request = world.resolved(&[Right::Deletion], &["shop"]).await;
    world.clock.advance(TimeDelta::days(2));
    world.approve(request, Right::Deletion, staff(2)).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingPlan);
    assert!(world.waiting(request, WorkKind::Task).await.is_empty());
    world.resolve(request, &["shop"]).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
    world.assert_audit_whole().await;
}

/// Warned, and objected to in time.
async fn disputed(world: &World, rights: &[Right]) -> RequestId {
    let request = world.approved(rights, GRACE).await;
    let links = world.warn(request).await;
    world.send(request, 2).await;
    assert_eq!(world.ledger.stop_standing(&links[0]).await.unwrap(), StopStanding::Open);
    assert_eq!(world.ledger.dispute(links[0].id).await.unwrap(), Dispute::Stopped(request));
    let used = ChallengeRecord { open: false, used_at: Some(world.ledger.ids().now()), ..links[0].clone() };
    assert_eq!(world.ledger.stop_standing(&used).await.unwrap(), StopStanding::Stopped);
    assert_eq!(world.ledger.dispute(links[0].id).await.unwrap(), Dispute::NotValid, "once");
    assert!(!world.ledger.prove(links[1].id).await.unwrap(), "an objection proves nothing");
    request
}

async fn an_objection_stops_everything_and_waits_for_staff(world: World) {
    let request = disputed(&world, &[Right::Deletion]).await;
    world.clock.advance(TimeDelta::days(20));
    assert_eq!(world.begun().await, 0);
    assert_eq!(world.deletion(request).await, (JobState::Disputed, vec![WaitsFor::StaffDispute]));
    let job = world.job(request, Right::Deletion).await;
    assert!(world.ledger.approve(job.id, staff(3), job.plan_hash.unwrap()).await.is_err());
    assert!(world.ledger.replan(job.id, staff(3)).await.is_err());
    assert_eq!(world.ledger.gauges().await.unwrap().disputed, 1);
    let filter = RequestFilter { disputed: true, ..RequestFilter::default() };
    let listed = world.ledger.list_requests(&filter, None, 10).await.unwrap().items;
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [request]);
    assert!(world.events(request).await.contains(&"disputed".to_owned()));
    world.assert_audit_whole().await;
}

async fn what_staff_uphold_ends_and_is_told(world: World) {
    let request = disputed(&world, &[Right::Deletion]).await;
    world.ledger.settle_dispute(request, DisputeDecision::Upheld, staff(3)).await.unwrap();
    let view = world.view(request).await;
    assert_eq!((view.state, view.outcome), (RequestState::Closed, Some(Outcome::Disowned)));
    assert!(!view.waits_for.contains(&WaitsFor::StaffDispute));
    assert!(world.send_mails(request).await.contains(&"job-disowned".to_owned()));
    let again = world.ledger.settle_dispute(request, DisputeDecision::Dismissed, staff(3)).await;
    assert!(matches!(again, Err(LedgerError::NotFound("open dispute"))));
    assert_eq!(world.ledger.gauges().await.unwrap().disputed, 0);
    world.assert_audit_whole().await;
}

async fn what_staff_dismiss_is_approved_and_warned_of_anew(world: World) {
    let request = disputed(&world, &[Right::Deletion]).await;
    world.ledger.settle_dispute(request, DisputeDecision::Dismissed, staff(3)).await.unwrap();
    assert_eq!(world.view(request).await.disputed_at, None);
    world.resolve_warned(request, GRACE).await;
    let job = world.job(request, Right::Deletion).await;
    assert_eq!(
        (job.state, job.approvals.len()),
        (JobState::AwaitingApproval, 0),
        "whoever agreed did not know"
    );
    world.approve(request, Right::Deletion, staff(2)).await;
    world.clock.advance(TimeDelta::days(4));
    assert_eq!(world.begun().await, 0, "the grace of the first warnings does not count");
    let links = world.warn(request).await;
    world.send(request, 2).await;
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(world.begun().await, 1);
    assert!(
        matches!(world.ledger.dispute(links[1].id).await.unwrap(), Dispute::Stopped(_)),
        "nothing was entered yet"
    );
}

async fn a_late_objection_stops_the_rest_and_is_told_to_staff(world: World) {
    let request = world.approved(&[Right::Deletion], 0).await;
    let links = world.warn(request).await;
    world.send(request, 2).await;
    let tasks = world.claim(request, WorkKind::Task).await;
    world.ledger.enter(&[tasks[0].lease]).await.unwrap();
    assert_eq!(world.ledger.dispute(links[0].id).await.unwrap(), Dispute::TooLate(request));
    assert!(world.ledger.enter(&[tasks[1].lease]).await.unwrap().is_empty(), "what had not begun is stopped");
    world.ledger.tasks_done(vec![crate::steps::done(&tasks[0])]).await.unwrap();
    world.conclude(request, Outcome::PartlyDone).await;
    let view = world.view(request).await;
    assert_eq!((view.state, view.outcome), (RequestState::Closed, Some(Outcome::PartlyDone)));
    assert!(view.waits_for.contains(&WaitsFor::StaffDispute), "staff are still told of it");
    assert_eq!(world.ledger.dispute(links[1].id).await.unwrap(), Dispute::TooLate(request));
    world.ledger.settle_dispute(request, DisputeDecision::Upheld, staff(3)).await.unwrap();
    world.assert_audit_whole().await;
}

async fn the_copy_comes_first_and_the_grace_runs_beside_it(world: World) {
    let request = world.approved(&[Right::Access, Right::Deletion], GRACE).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingCopy);
    world.warn(request).await;
    world.send_mails(request).await;
    world.clock.advance(TimeDelta::hours(60));
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    world.send_mails(request).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingGrace, "12 hours are left");
    assert!(world.waiting(request, WorkKind::Task).await.is_empty());
    world.clock.advance(TimeDelta::hours(12));
    assert_eq!(world.begun().await, 1);
}

async fn a_disputed_request_hands_out_no_package(world: World) {
    let request = world.approved(&[Right::Access, Right::Deletion], GRACE).await;
    let links = world.warn(request).await;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    let access = world.job(request, Right::Access).await.id;
    let package = world.ledger.package_of_job(access).await.unwrap().unwrap();
    let (token, ends) = (world.ledger.vault().new_token().hash(), start() + TimeDelta::days(7));
    world.ledger.renew_package(package.id, token, ends, 3, staff(2)).await.unwrap();
    assert!(world.ledger.use_download(package.id).await.unwrap().is_some());
    assert!(world.ledger.package_by_token(&token).await.unwrap().is_some());
    world.ledger.dispute(links[0].id).await.unwrap();
    assert_eq!(world.ledger.package_by_token(&token).await.unwrap(), None, "its page has ended");
    assert_eq!(world.ledger.use_download(package.id).await.unwrap(), None);
    let again = || challenge(&world, Purpose::Download, "");
    assert!(
        !world.ledger.challenge_for(request, again(), 9, staff(2)).await.unwrap(),
        "nor is its link mailed again"
    );
    world.ledger.settle_dispute(request, DisputeDecision::Dismissed, staff(3)).await.unwrap();
    assert!(world.ledger.use_download(package.id).await.unwrap().is_some(), "open again");
    assert!(world.ledger.challenge_for(request, again(), 9, staff(2)).await.unwrap());
}

async fn a_warning_greets_nobody(world: World) {
    let request = world.approved(&[Right::Deletion], GRACE).await;
    world.warn(request).await;
    let claimed = world.claim(request, WorkKind::Mail).await;
    let mails = world.ledger.mails_to_send(&claimed).await.unwrap();
    let notices = mails.iter().filter(|mail| mail.letter.kind() == "deletion-notice");
    let mut to: Vec<&str> = Vec::new();
    for mail in notices {
        assert_eq!(mail.name.expose(), &None);
        to.push(mail.to.expose());
    }
    to.sort_unstable();
    assert_eq!(to, ["hanako.old@example.com", "hanako@example.jp"]);
}

async fn a_new_plan_warns_anew(world: World) {
    let request = world.approved(&[Right::Deletion], GRACE).await;
    world.warn(request).await;
    world.send(request, 2).await;
    let job = world.job(request, Right::Deletion).await.id;
    world.ledger.replan(job, staff(3)).await.unwrap();
    world.clock.advance(TimeDelta::days(4));
    assert_eq!(world.begun().await, 0);
    world.resolve_warned(request, GRACE).await;
    assert_eq!(world.deletion(request).await, (JobState::AwaitingGrace, vec![WaitsFor::Grace]));
    assert_eq!(world.begun().await, 0);
    assert_eq!(world.warn(request).await.len(), 2);
}

/// Warned, with a grace that is over in a second.
async fn soon_over(world: &World) -> RequestId {
    let request = world.approved(&[Right::Deletion], 1).await;
    world.warn(request).await;
    world.send(request, 2).await;
    request
}

async fn one_deletion_that_cannot_begin_keeps_no_other_back(world: World) {
    let bad = soon_over(&world).await;
    world.run("UPDATE job SET plan = NULL").await;
    let good = soon_over(&world).await;
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(world.begun().await, 1);
    assert_eq!(world.job_state(good, Right::Deletion).await, JobState::Running);
    assert_eq!(world.job_state(bad, Right::Deletion).await, JobState::AwaitingGrace);
}

/// The clock of this process is a day ahead of that of the database.
async fn a_host_whose_clock_is_ahead_begins_nothing_early(world: World) {
    let request = world.accepted(&[Right::Deletion]).await;
    world.prove(request).await;
    let ahead = habeas_domain::Clock::now(&habeas_domain::SystemClock) + TimeDelta::days(1);
    world.clock.advance(ahead - start());
    world.resolve_warned(request, 1).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    world.warn(request).await;
    world.send(request, 2).await;
    world.clock.advance(TimeDelta::hours(1));
    assert_eq!(world.begun().await, 0, "by the clock of the database the person can still stop it");
    world.run("UPDATE job SET grace_until = 1").await;
    assert_eq!(world.begun().await, 1);
    assert_ne!(world.job_state(request, Right::Deletion).await, JobState::AwaitingGrace);
}

/// The button is pressed while the deletion begins. Whoever is told "stopped" can rely on it: nothing was entered, and
/// nothing can be.
async fn an_objection_wins_every_race_with_the_beginning(world: World) {
    let mut stopped = 0;
    for person in 0..100 {
        let person = format!("person-{person}@example.com");
        let request = world.approved_of(&person, &[Right::Deletion], 1).await;
        let links = world.warn(request).await;
        world.send(request, 2).await;
        world.clock.advance(TimeDelta::seconds(1));
        let begin = async {
            world.begun().await;
            let tasks: Vec<_> =
                world.claim(request, WorkKind::Task).await.iter().map(|one| one.lease).collect();
            // The database may undo one of two that lock the same rows: then nothing was entered.
            world.ledger.enter(&tasks).await.map_or(0, |entered| entered.len())
        };
        let (entered, said) = tokio::join!(begin, world.ledger.dispute(links[0].id));
        if said.unwrap() == Dispute::Stopped(request) {
            stopped += 1;
            assert_eq!(entered, 0, "entered a store after it was said to be stopped");
            assert_eq!(world.begun().await, 0);
            assert!(world.claim(request, WorkKind::Task).await.is_empty());
            assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Disputed);
        } else {
            assert!(entered > 0, "too late only where a store was entered");
        }
    }
    assert!(stopped > 0, "the race was never won");
}

/// A deletion that is objected to, beside a copy at her other address that can be fetched, one that nobody has confirmed yet, and
/// the copy of somebody else.
async fn with_siblings(world: &World) -> [RequestId; 4] {
    let mut copies = Vec::new();
    for who in [addresses()[1], "taro@example.jp"] {
        let copy = world.accept(new_request(who, &[Right::Access])).await;
        world.prove(copy).await;
        world.resolve(copy, &["shop"]).await;
        world.finish_tasks(copy).await;
        world.conclude(copy, Outcome::Done).await;
        copies.push(copy);
    }
    let unproven = world.accepted(&[Right::Portability]).await;
    let request = disputed(world, &[Right::Deletion]).await;
    [request, copies[0], unproven, copies[1]]
}

async fn is_given_out(world: &World, copy: RequestId) -> bool {
    let job = world.job(copy, Right::Access).await.id;
    let package = world.ledger.package_of_job(job).await.unwrap().unwrap();
    world.ledger.use_download(package.id).await.unwrap().is_some()
}

async fn the_persons_other_requests_stop_with_it(world: World) {
    let [request, copy, unproven, strangers] = with_siblings(&world).await;
    assert!(!is_given_out(&world, copy).await, "its package is closed");
    assert!(is_given_out(&world, strangers).await);
    assert_eq!(world.view(strangers).await.disputed_at, None);
    for one in [copy, unproven] {
        let view = world.view(one).await;
        assert!(view.waits_for.contains(&WaitsFor::StaffDispute), "{:?}", view.waits_for);
        assert!(view.review_reason.unwrap().contains(&request.reference()), "staff read with which");
    }
    assert_eq!(world.ledger.gauges().await.unwrap().disputed, 3);
    world.prove(unproven).await;
    let later = world.accepted(&[Right::Access]).await;
    world.prove(later).await;
    for (one, right) in [(unproven, Right::Portability), (later, Right::Access)] {
        assert_eq!(
            world.job_state(one, right).await,
            JobState::Disputed,
            "nothing begins of what comes later"
        );
        assert!(world.waiting(one, WorkKind::Resolve).await.is_empty());
    }
    world.assert_audit_whole().await;
}

async fn staff_settle_each_of_them(world: World) {
    let [request, copy, unproven, _] = with_siblings(&world).await;
    let settle = |one, decision| world.ledger.settle_dispute(one, decision, staff(3));
    settle(request, DisputeDecision::Upheld).await.unwrap();
    settle(unproven, DisputeDecision::Upheld).await.unwrap();
    let view = world.view(unproven).await;
    assert_eq!((view.state, view.outcome), (RequestState::Closed, Some(Outcome::Disowned)));
    settle(copy, DisputeDecision::Dismissed).await.unwrap();
    assert_eq!(world.view(copy).await.review_reason, None);
    assert!(is_given_out(&world, copy).await, "open again");
    let later = world.accepted(&[Right::Access]).await;
    world.prove(later).await;
    world.resolve(later, &["shop"]).await;
    assert_eq!(world.job_state(later, Right::Access).await, JobState::Running, "nothing is open to settle");
    world.assert_audit_whole().await;
}

/// A request that stopped with another of its person holds keys that contradict each other besides: that stays to be read.
async fn what_ends_takes_back_its_own_words_alone(world: World) {
    let copy = world.accept(new_request(addresses()[1], &[Right::Access])).await;
    world.prove(copy).await;
    let resolve = world.claim_one(copy, WorkKind::Resolve).await;
    let words = "somebody at an address on file says that another request of this person is not theirs; settle both: no";
    let found = NewFinding { reason: words.to_owned(), ..contradiction("other@example.com") };
    world.ledger.review_needed(resolve.lease, copy, &found).await.unwrap();
    disputed(&world, &[Right::Deletion]).await;
    let view = world.view(copy).await;
    assert!(view.disputed_at.is_some(), "it stopped with the other");
    assert_eq!(view.review_reason.as_deref(), Some(words), "what came first is looked at first");
    world.ledger.settle_dispute(copy, DisputeDecision::Dismissed, staff(3)).await.unwrap();
    assert_eq!(world.view(copy).await.review_reason.as_deref(), Some(words));
}
