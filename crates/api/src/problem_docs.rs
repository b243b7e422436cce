//! The problems of each route, for the OpenAPI document.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses, PartialSchema as _,
    openapi::{ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type},
};

use crate::problem::{FieldError, Problem, ProblemKind};

type Responses = BTreeMap<String, RefOr<Response>>;

macro_rules! problems {
    ($(#[$doc:meta])* $name:ident: $($kind:ident),*) => {
        $(#[$doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> Responses {
                responses(&[$(ProblemKind::$kind),*])
            }
        }
    };
}

problems!(
    /// What every call may meet.
    Usual: Unauthenticated, Forbidden, TooMany, Unavailable);
problems!(
    /// What calls with a body may meet.
    OfBody: NotJson, TooLarge, WrongContentType, Invalid);
problems!(
    /// What calls with a query may meet.
    OfQuery: Invalid);
problems!(
    /// What calls about one thing may meet.
    OfOne: BadAddress, NotFound);
problems!(
    /// What calls about one thing with a body may meet.
    OfOneWithBody: BadAddress, NotFound, TooLarge, WrongContentType, Invalid);
problems!(
    /// What calls that change a state may meet.
    OfChange: Conflict, Erased);
problems!(
    /// What calls that show a person may meet.
    OfPerson: Erased);
problems!(
    /// What asking for another address meets.
    OfFixedAddress: AddressFixed);
problems!(
    /// What a submission may meet.
    OfSubmission: KeyReused);

fn responses(kinds: &[ProblemKind]) -> Responses {
    kinds.iter().map(|kind| (kind.status().as_u16().to_string(), RefOr::T(response(*kind)))).collect()
}

fn response(kind: ProblemKind) -> Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .example(serde_json::to_value(example(kind)).ok())
        .build();
    let mut response =
        ResponseBuilder::new().description(kind.title()).content("application/problem+json", content);
    if matches!(kind, ProblemKind::TooMany | ProblemKind::Unavailable) {
        let seconds = HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(Type::Integer).build()))
            .description(Some("How many seconds to wait."))
            .build();
        response = response.header("Retry-After", seconds);
    }
    response.build()
}

fn example(kind: ProblemKind) -> Problem {
    match kind {
        ProblemKind::Invalid => Problem::invalid(vec![FieldError {
            field: "subject.email".to_owned(),
            code: "required",
            message: "this field is required".to_owned(),
        }]),
        ProblemKind::BadAddress => Problem::bad_address("id", "not a request id"),
        ProblemKind::NotJson => Problem::new(kind).with_detail("the JSON breaks at line 3, column 14"),
        _ => Problem::new(kind),
    }
}

/// The schemas that the responses above refer to.
pub(crate) fn schemas() -> [(String, RefOr<utoipa::openapi::Schema>); 2] {
    [("Problem".to_owned(), Problem::schema()), ("FieldError".to_owned(), FieldError::schema())]
}
