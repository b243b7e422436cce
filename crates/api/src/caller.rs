//! Who calls, and whether they may.

use std::{
    marker::PhantomData,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use habeas_domain::{Actor, TokenId, submission::Submitter};
use habeas_ledger::{Ledger, Scope, TokenRecord};
use habeas_vault::ApiToken;

use crate::{
    problem::{Problem, ProblemKind},
    state::Api,
};

/// What a route needs.
pub(crate) trait Needs {
    const SCOPE: Scope;
}

macro_rules! needs {
    ($($name:ident: $scope:ident),*) => {
        $(pub(crate) struct $name;
        impl Needs for $name {
            const SCOPE: Scope = Scope::$scope;
        })*
    };
}

needs!(Reading: Read, Submitting: Submit, Approving: Approve, Holding: Hold, Operating: Operate, Administering: Admin);

/// The holder of a valid token that allows this route. As the first argument of a handler it is checked before
/// anything else of the call is read.
pub(crate) struct Caller<N> {
    token: TokenRecord,
    needs: PhantomData<N>,
}

impl<N> Caller<N> {
    /// For audit trails.
    pub(crate) const fn actor(&self) -> Actor {
        self.token.actor()
    }

    /// Who hands a submission in: whoever may approve it may say which law it is under.
    pub(crate) fn submitter(&self) -> Submitter {
        Submitter { actor: self.actor(), chooses_law: self.token.allows(Scope::Approve) }
    }

    /// Whether the token allows more than the route needs.
    pub(crate) fn also(&self, scope: Scope) -> Result<(), Problem> {
        if self.token.allows(scope) { Ok(()) } else { Err(Problem::lacks(scope)) }
    }
}

impl<N: Needs + Send> FromRequestParts<Api> for Caller<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let Some(token) = authenticate(parts, api).await? else {
            api.limits.failure(client(parts))?;
            return Err(Problem::new(ProblemKind::Unauthenticated));
        };
        api.limits.call(token.id)?;
        note_caller(token.id);
        let caller = Self { token, needs: PhantomData };
        caller.also(N::SCOPE)?;
        Ok(caller)
    }
}

async fn authenticate(parts: &Parts, api: &Api) -> Result<Option<TokenRecord>, Problem> {
    holder(&parts.headers, &api.ports.ledger).await
}

/// Whose token a call carries, if it is a valid one.
pub(crate) async fn holder(headers: &HeaderMap, ledger: &Ledger) -> Result<Option<TokenRecord>, Problem> {
    let Some(token) = presented(headers) else { return Ok(None) };
    Ok(ledger.authenticate(&token).await?)
}

fn presented(headers: &HeaderMap) -> Option<ApiToken> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| ApiToken::parse(token.trim()).ok())?
}

fn client(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}

fn note_caller(token: TokenId) {
    tracing::Span::current().record("token", tracing::field::display(token));
}
