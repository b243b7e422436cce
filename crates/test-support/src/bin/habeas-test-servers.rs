//! Starts the servers that the tests of one run share, prints how to reach them as `NAME=value` lines, and ends them
//! when its standard input ends.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use habeas_test_support::shared::{AMQP_MANAGEMENT_URL, AMQP_URL, MARIADB_URL, POSTGRES_URL};
use habeas_test_support::{MariaDb, Postgres, RabbitMq, state::Templates};

#[tokio::main]
async fn main() -> Result<()> {
    let (postgres, mariadb, rabbitmq) =
        tokio::try_join!(Postgres::start(), MariaDb::start(), RabbitMq::start())
            .context("starting the servers")?;
    let templates = Templates::make(postgres.access()).await?;
    let servers = [
        (POSTGRES_URL, postgres.access().base()),
        (MARIADB_URL, mariadb.access().base()),
        (AMQP_URL, rabbitmq.access().amqp_base()),
        (AMQP_MANAGEMENT_URL, rabbitmq.access().management()),
    ];
    let mut output = std::io::stdout().lock();
    let servers = servers.map(|(name, value)| (name, value.to_owned()));
    for (name, value) in servers.into_iter().chain(templates.variables()) {
        writeln!(output, "{name}={value}")?;
    }
    writeln!(output, "READY=1")?;
    output.flush()?;
    drop(output);
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
    Ok(())
}
