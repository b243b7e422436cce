use axum::{
    Json,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
};
use habeas_domain::{PaperKind, Personal, RequestId, paper::LARGEST};

use crate::{
    caller::{Approving, Caller},
    fields::{Fields, FromFields},
    json::paper::PaperJson,
    path_id::Id,
    problem::{Problem, ProblemKind},
    problem_docs::{OfChange, OfOneWithBody, Usual},
    query::Asked,
    schemas,
    state::Api,
};

/// What the paper is to show.
pub(crate) struct Kind(PaperKind);

impl FromFields for Kind {
    const KNOWN: &'static [&'static str] = &["kind"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.required("kind").map(Self)
    }
}

/// Hand in a paper that reached staff
///
/// One file as it is: a PDF, or a photograph as JPEG, PNG, WebP or HEIC; its content tells the type. It is kept sealed and
/// never opened, drawn or unpacked. A document that shows who somebody is has to be asked for first. Whoever hands it in
/// cannot judge it.
#[utoipa::path(
    post, path = "/v1/requests/{id}/papers", tag = "papers", operation_id = "add_paper",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id."),
        ("kind" = inline(schemas::PaperKindWord), Query, description = "What the paper is to show.")),
    request_body(content = inline(schemas::FileBytes), content_type = "application/octet-stream",
        description = "The file, of up to 10 MiB."),
    responses((status = 201, description = "Kept until it is judged.", body = PaperJson), Usual, OfOneWithBody,
        OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn add_paper(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    Asked(Kind(kind)): Asked<Kind>,
    request: Request,
) -> Result<(StatusCode, Json<PaperJson>), Problem> {
    let content = content(request).await?;
    let paper = api.ports.papers.add(id, kind, content, caller.actor()).await?;
    Ok((StatusCode::CREATED, Json(paper.into())))
}

async fn content(request: Request) -> Result<Personal<Vec<u8>>, Problem> {
    let stated = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if stated != Some(b"application/octet-stream".as_slice()) {
        return Err(Problem::new(ProblemKind::WrongContentType)
            .with_detail("send the file as it is, with `Content-Type: application/octet-stream`"));
    }
    let too_large = |_| {
        Problem::new(ProblemKind::TooLarge)
            .with_detail(format!("send a whole file of at most {LARGEST} bytes"))
    };
    Ok(Personal::new(to_bytes(request.into_body(), LARGEST).await.map_err(too_large)?.into()))
}
