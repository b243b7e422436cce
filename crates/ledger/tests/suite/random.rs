//! Whatever is done in whatever order, no task runs for a person who has not proven who they are, or for a job that
//! nobody approved.

use std::time::Duration;

use habeas_domain::{Actor, Fault, Outcome, RequestId, Right, WorkKind};
use habeas_ledger::{Failed, LedgerError, Next, Purpose};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::{
    steps::{challenge, contradiction, done, hash, new_request, staff},
    withdrawal::refusal,
    world::World,
};

on_both!(no_task_runs_ungated);

#[derive(Debug, Clone, Copy)]
enum Step {
    Challenge,
    Click,
    Resolve(u8),
    Review,
    ClearReview,
    Approve(Right, u128, u8),
    Replan(Right),
    Enter,
    FinishTask,
    FailTask(bool),
    Requeue,
    AcceptPart(Right),
    Conclude,
    SendMails,
    Refuse(Right),
    Withdraw,
}

fn any_step() -> impl Strategy<Value = Step> {
    let right = || proptest::sample::select(vec![Right::Access, Right::Deletion]);
    prop_oneof![
        2 => Just(Step::Challenge),
        3 => Just(Step::Click),
        4 => (1..3_u8).prop_map(Step::Resolve),
        1 => Just(Step::Review),
        1 => Just(Step::ClearReview),
        4 => (right(), 1..4_u128, 1..3_u8).prop_map(|(right, by, plan)| Step::Approve(right, by, plan)),
        1 => right().prop_map(Step::Replan),
        2 => Just(Step::Enter),
        3 => Just(Step::FinishTask),
        2 => any::<bool>().prop_map(Step::FailTask),
        1 => Just(Step::Requeue),
        1 => right().prop_map(Step::AcceptPart),
        3 => Just(Step::Conclude),
        2 => Just(Step::SendMails),
        1 => right().prop_map(Step::Refuse),
        1 => Just(Step::Withdraw),
    ]
}

/// A step that is not possible now is refused and changes nothing; anything else is a fault of the ledger.
fn refused(result: Result<(), LedgerError>) {
    match result {
        Ok(())
        | Err(
            LedgerError::Illegal(_) | LedgerError::Approval(_) | LedgerError::NotFound("plan" | "challenge"),
        ) => {}
        Err(error) => panic!("{error:?}"),
    }
}

impl World {
    async fn take(&self, request: RequestId, step: Step) {
        let job = async |right| self.job(request, right).await.id;
        refused(match step {
            Step::Challenge => self.random_challenge(request).await,
            Step::Click => self.random_click(request).await,
            Step::Resolve(plan) => {
                for claimed in self.claim(request, WorkKind::Resolve).await {
                    self.planned(request, claimed.lease, &["crm", "shop"], hash(plan)).await;
                }
                Ok(())
            }
            Step::Review => match self.claim(request, WorkKind::Resolve).await.first() {
                Some(claimed) => {
                    self.ledger.review_needed(claimed.lease, request, &contradiction("o@example.com")).await
                }
                None => Ok(()),
            },
            Step::ClearReview => self.ledger.clear_review(request, staff(2)).await,
            Step::Approve(right, by, plan) => {
                self.ledger.approve(job(right).await, staff(by), hash(plan)).await.map(drop)
            }
            Step::Replan(right) => self.ledger.replan(job(right).await, staff(2)).await,
            Step::Enter => self.random_entry(request).await,
            Step::FinishTask => self.random_finish(request).await,
            Step::FailTask(park) => self.random_failure(request, park).await,
            Step::Requeue => self.ledger.requeue_by_fault("random", staff(2)).await.map(drop),
            Step::AcceptPart(right) => self.ledger.accept_part(job(right).await, staff(2)).await,
            Step::Conclude => self.random_conclusion(request).await,
            Step::SendMails => {
                self.send_mails(request).await;
                Ok(())
            }
            Step::Refuse(right) => self.ledger.refuse(job(right).await, refusal(), staff(2)).await,
            Step::Withdraw => self.ledger.withdraw(request, Actor::Subject).await.map(drop),
        });
    }

    async fn random_challenge(&self, request: RequestId) -> Result<(), LedgerError> {
        let claimed = self.claim(request, WorkKind::Challenge).await;
        let new = |()| challenge(self, Purpose::Identity, "hash");
        let group = claimed.iter().map(|claimed| (claimed.lease, request, new(()))).collect();
        self.ledger.challenged(group).await
    }

    async fn random_click(&self, request: RequestId) -> Result<(), LedgerError> {
        match self.ledger.try_code(request, Purpose::Identity, None).await? {
            Some(tried) => self.ledger.prove(tried.challenge).await.map(drop),
            None => Ok(()),
        }
    }

    async fn random_entry(&self, request: RequestId) -> Result<(), LedgerError> {
        let tasks = self.claim(request, WorkKind::Task).await;
        let leases: Vec<_> = tasks.iter().map(|task| task.lease).collect();
        self.ledger.enter(&leases).await?;
        let next = Next::Retry { after: Duration::ZERO, counted: true };
        let back = leases.iter().map(|lease| Failed {
            lease: *lease,
            request,
            fault: Fault::temporary("random", "random"),
            next,
        });
        self.ledger.failed(back.collect()).await
    }

    async fn random_finish(&self, request: RequestId) -> Result<(), LedgerError> {
        let tasks = self.claim(request, WorkKind::Task).await;
        let done = tasks.iter().take(1).map(done).collect();
        self.ledger.tasks_done(done).await?;
        let rest: Vec<_> = tasks.iter().skip(1).map(|task| task.lease).collect();
        self.ledger.release(&rest).await
    }

    async fn random_failure(&self, request: RequestId, park: bool) -> Result<(), LedgerError> {
        let next = if park { Next::Park } else { Next::Retry { after: Duration::ZERO, counted: true } };
        let tasks = self.claim(request, WorkKind::Task).await;
        let failed = tasks.iter().map(|task| Failed {
            lease: task.lease,
            request,
            fault: Fault::temporary("random", "random"),
            next,
        });
        self.ledger.failed(failed.collect()).await
    }

    async fn random_conclusion(&self, request: RequestId) -> Result<(), LedgerError> {
        let view = self.view(request).await;
        let mut group = Vec::new();
        for claimed in self.claim(request, WorkKind::Conclude).await {
            let job = view.jobs.iter().find(|job| Some(job.id) == claimed.job);
            let last = job.is_some_and(|job| habeas_domain::TypedId::uuid(job.id) == claimed.target);
            group.push(self.conclusion(&claimed, last.then_some(Outcome::Done)).await);
        }
        self.ledger.concluded(group).await
    }

    /// Tasks that can run, or do, without the gates before them.
    async fn ungated(&self) -> i64 {
        self.number(
            "SELECT COUNT(*) AS n FROM work JOIN request ON request.id = work.request_id \
             JOIN job ON job.id = work.job_id \
             WHERE work.kind = 'task' AND work.state IN ('waiting', 'running', 'parked') AND ( \
               request.verified_at IS NULL OR job.plan_hash IS NULL \
               OR job.state NOT IN ('running', 'stalled') \
               OR (job.\"right\" = 'deletion' AND NOT EXISTS (SELECT 1 FROM approval \
                   WHERE approval.job_id = job.id AND approval.plan_hash = job.plan_hash \
                   AND approval.approved_by <> request.submitted_by)))",
        )
        .await
    }

    /// Jobs whose counters are not what their tasks say.
    async fn miscounted(&self) -> i64 {
        let tasks = |states: &str| {
            format!(
                "(SELECT COUNT(*) FROM work WHERE work.job_id = job.id AND work.kind = 'task' \
                 AND work.state IN ({states}))"
            )
        };
        let sql = format!(
            "SELECT COUNT(*) AS n FROM job WHERE state IN ('running', 'stalled') \
             AND (tasks_open <> {} OR tasks_parked <> {})",
            tasks("'waiting', 'running'"),
            tasks("'parked'")
        );
        self.number(&sql).await
    }
}

async fn no_task_runs_ungated(world: World) {
    let reached = std::sync::Mutex::new(std::collections::BTreeSet::new());
    let config = Config { cases: 24, failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        let strategy = prop::collection::vec(any_step(), 5..45);
        // The same walks each time: a test must not depend on chance, and these are known to go far.
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        TestRunner::new_with_rng(config, rng).run(&strategy, |steps| {
            runtime.block_on(async {
                let request =
                    world.accept(new_request("hanako@example.jp", &[Right::Access, Right::Deletion])).await;
                for (n, step) in steps.iter().enumerate() {
                    world.take(request, *step).await;
                    prop_assert_eq!(world.ungated().await, 0, "after {:?}", &steps[..=n]);
                    prop_assert_eq!(world.miscounted().await, 0, "after {:?}", &steps[..=n]);
                }
                let view = world.view(request).await;
                prop_assert!(view.closed_at.is_some() || !view.waits_for.is_empty(), "{:?}", view);
                reached.lock().unwrap().extend(view.jobs.iter().map(|job| job.state.as_str()));
                Ok(())
            })
        })
    })
    .unwrap();
    let reached = reached.into_inner().unwrap();
    assert!(reached.len() >= 4, "the walks go somewhere: {reached:?}");
    world.assert_audit_whole().await;
}
