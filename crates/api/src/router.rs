use axum::{Router, extract::DefaultBodyLimit, middleware, routing::any};
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    closed_bodies::close_bodies,
    document::Document,
    guard::guard,
    limits::Limits,
    options::ApiOptions,
    ports::Ports,
    problem::{Problem, ProblemKind},
    routes as r,
    state::Api,
};

/// The API under `/v1`.
///
/// Serve it with `into_make_service_with_connect_info::<SocketAddr>()`: failed calls are limited per client address.
/// Without one, all clients share one limit.
pub fn router(ports: Ports, options: ApiOptions) -> Router {
    let api = Api { ports, options, limits: Limits::new(options.limits) };
    let (routes, _) = documented().split_for_parts();
    routes
        .route("/v1", any(no_such_route))
        .route("/v1/{*rest}", any(no_such_route))
        .method_not_allowed_fallback(async || Problem::new(ProblemKind::MethodNotAllowed))
        .layer(DefaultBodyLimit::max(options.largest_body))
        .layer(middleware::from_fn_with_state(api.clone(), guard))
        .with_state(api)
}

/// The OpenAPI 3.1 document of the API, built from the routes themselves.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = documented().into_openapi();
    close_bodies(&mut document);
    document
}

/// What answers where no route is. The daemon may use it for the rest of its addresses.
pub async fn no_such_route() -> Problem {
    Problem::new(ProblemKind::NotFound)
}

/// Every route.
fn documented() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(requests())
        .merge(identity())
        .merge(jobs())
        .merge(agents())
        .merge(holds())
        .merge(mails())
        .merge(work())
        .merge(administration())
        .merge(stores())
}

fn requests() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(r::submit::submit_request, r::list::list_requests))
        .routes(routes!(r::find::find_requests))
        .routes(routes!(r::show::show_request))
        .routes(routes!(r::extend::extend_request))
        .routes(routes!(r::acknowledge::acknowledge_request))
        .routes(routes!(r::address::change_address))
        .routes(routes!(r::withdraw::withdraw_request))
        .routes(routes!(r::review::show_review, r::review::decide_review))
        .routes(routes!(r::clear_review::clear_review))
        .routes(routes!(r::settle_dispute::settle_dispute))
        .routes(routes!(r::mail_again::mail_again))
        .routes(routes!(r::receipts::list_receipts))
}

/// With the papers that are evidence of it.
fn identity() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(r::identity::show_identity))
        .routes(routes!(r::guardian::name_guardian))
        .routes(routes!(r::contacts::show_contacts))
        .routes(routes!(r::record_evidence::record_evidence))
        .routes(routes!(r::paper_add::add_paper, r::paper_list::list_papers))
        .routes(routes!(r::paper_ask::ask_for_paper))
        .routes(routes!(r::paper_content::get_paper_content))
        .routes(routes!(r::paper_judge::judge_paper))
}

fn jobs() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(r::plan::show_plan))
        .routes(routes!(r::approve::approve_job))
        .routes(routes!(r::refuse::refuse_job))
        .routes(routes!(r::accept_part::accept_part))
        .routes(routes!(r::plan_anew::plan_job_anew))
        .routes(routes!(r::confirm_copy::confirm_copy))
}

/// And the batches that they hand in.
fn agents() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(r::agents::list_agents))
        .routes(routes!(r::agents::show_agent))
        .routes(routes!(r::agents::bar_agent))
        .routes(routes!(r::agents::unbar_agent))
        .routes(routes!(r::agents::ask_agent))
        .routes(routes!(r::drop_agent::drop_agent))
        .routes(routes!(r::batches::submit_batch, r::batches::list_batches))
        .routes(routes!(r::batches::show_batch))
}

fn holds() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(r::hold_place::place_hold, r::hold_list::list_holds))
        .routes(routes!(r::hold_show::show_hold))
        .routes(routes!(r::hold_lift::lift_hold))
}

fn mails() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(r::mail_list::list_mails))
        .routes(routes!(r::mail_show::show_mail))
        .routes(routes!(r::mail_raw::get_raw_mail))
        .routes(routes!(r::mail_accept::accept_mail))
        .routes(routes!(r::mail_dismiss::dismiss_mail))
        .routes(routes!(r::mail_dismiss_many::dismiss_mails))
        .routes(routes!(r::mail_file::file_mail))
        .routes(routes!(r::mail_read_again::read_mail_again))
        .routes(routes!(r::mail_read_again_many::read_mails_again))
        .routes(routes!(r::mail_mark_read::mark_mail_read))
}

fn work() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(r::work::list_work))
        .routes(routes!(r::parked::count_parked_work))
        .routes(routes!(r::requeue::requeue_work))
        .routes(routes!(r::dead_letters::list_dead_letters))
        .routes(routes!(r::revive::revive_dead_letters))
}

fn administration() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(r::audit::show_audit_trail))
        .routes(routes!(r::token_create::create_token, r::token_list::list_tokens))
        .routes(routes!(r::token_revoke::revoke_token))
        .routes(routes!(r::regimes::list_regimes))
}

fn stores() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(r::stores::list_stores))
        .routes(routes!(r::store_close::close_store))
        .routes(routes!(r::store_closings::list_closings))
        .routes(routes!(r::store_re_erase::re_erase_in_store))
        .routes(routes!(r::store_reopen::reopen_store))
}
