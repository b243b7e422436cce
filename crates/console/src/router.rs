use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::get};
use habeas_domain::{Language, paper::LARGEST};

use crate::{
    ConsoleError, ConsoleOptions, Desk, PackageBytes, guard::guard, handlers, state::Console, stylesheet,
};

/// Forms hold a code or a grant.
const LARGEST_FORM: usize = 16 * 1024;

/// A form with a file, and what its other fields and boundaries take.
const LARGEST_UPLOAD: usize = LARGEST + 64 * 1024;

fn guarded(routes: Router<Console>, largest: usize, console: &Console, language: Language) -> Router {
    routes
        .layer(DefaultBodyLimit::max(largest))
        .layer(middleware::from_fn_with_state((console.clone(), language), guard))
        .with_state(console.clone())
}

/// The pages, under `/en` and `/ja`, and their stylesheet under `/assets`.
///
/// Serve it with `into_make_service_with_connect_info::<SocketAddr>()`: limits are kept per client address. Without
/// one, all clients share one limit.
pub fn router(
    desk: Arc<dyn Desk>,
    packages: Arc<dyn PackageBytes>,
    options: ConsoleOptions,
) -> Result<Router, ConsoleError> {
    let console = Console::new(desk, packages, options)?;
    let mut router = Router::new().route(&stylesheet::PATH, get(stylesheet::serve));
    for language in Language::ALL {
        let pages = guarded(handlers::routes(), LARGEST_FORM, &console, language);
        let uploads = guarded(handlers::uploads(), LARGEST_UPLOAD, &console.for_uploads(), language);
        router = router.nest(&format!("/{language}"), pages.merge(uploads));
    }
    Ok(router)
}
