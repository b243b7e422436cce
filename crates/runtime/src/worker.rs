use async_trait::async_trait;
use habeas_domain::{Fault, RequestId};
use habeas_ledger::{Claimed, Lease};

/// Does one kind of work. Runs must be convergent: a second run after a crash leaves everything as one run would.
#[async_trait]
pub trait Worker: Send + Sync + 'static {
    /// The name in logs and metrics, such as `resolve`.
    fn name(&self) -> &'static str;

    /// Runs a group of claimed work. What succeeded the worker commits itself, under the leases, through the
    /// ledger's own operation for this kind of work (one transaction for the group). What failed it returns, and
    /// the runtime decides whether to retry or to park. Work in neither set lost its lease.
    async fn run(&self, group: Vec<Claimed>) -> Vec<Failure>;
}

/// Work that failed, with the reason.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The lease under which it ran.
    pub lease: Lease,
    /// For which request.
    pub request: RequestId,
    /// Why.
    pub fault: Fault,
}

impl Failure {
    /// The failure of one claimed piece of work.
    pub fn new(claimed: &Claimed, fault: impl Into<Fault>) -> Self {
        Self { lease: claimed.lease, request: claimed.request, fault: fault.into() }
    }

    /// The same failure for a whole group.
    pub fn all(group: &[Claimed], fault: &Fault) -> Vec<Self> {
        group.iter().map(|claimed| Self::new(claimed, fault.clone())).collect()
    }
}
