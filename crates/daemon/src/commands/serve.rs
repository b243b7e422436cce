//! `habeas serve`

use clap::Args;
use habeas_config::Role;

use crate::{context::Context, failure::Failure, output::Report, serve};

/// Run the daemon.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[arg(long, value_delimiter = ',', help = of_roles())]
    roles: Option<Vec<Role>>,
    /// Bring the state database's schema up to date first.
    #[arg(long)]
    migrate: bool,
}

fn of_roles() -> String {
    format!("What this process does: {}. Default: everything", Role::ALL.map(Role::as_str).join(", "))
}

impl ServeArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let mut context = context.clone();
        if let Some(roles) = &self.roles {
            let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
            context.sources.environment.insert("HABEAS__WORKERS__ROLES".to_owned(), roles.join(","));
        }
        serve::serve(&context, self.migrate).await
    }
}
