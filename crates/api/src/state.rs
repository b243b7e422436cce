use axum::extract::FromRef;

use crate::{limits::Limits, options::ApiOptions, ports::Ports};

/// What every handler can reach; cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) ports: Ports,
    pub(crate) options: ApiOptions,
    pub(crate) limits: Limits,
}

impl FromRef<Api> for Ports {
    fn from_ref(api: &Api) -> Self {
        api.ports.clone()
    }
}
