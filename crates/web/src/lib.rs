//! What the API and the pages share: who calls, seen through proxies, and how often they may.

mod caller;
mod limit;

pub use caller::{TrustedProxies, behind_proxies, network};
pub use governor::Quota;
pub use limit::RateLimit;
