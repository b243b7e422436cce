//! Starts the servers that the tests of one run share, prints how to reach them as `NAME=value` lines, and ends them
//! when its standard input ends.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use habeas_test_support::shared::{AMQP_MANAGEMENT_URL, AMQP_URL, MARIADB_URL, POSTGRES_URL};
use habeas_test_support::{MariaDb, Postgres, RabbitMq};

#[tokio::main]
async fn main() -> Result<()> {
    let (postgres, mariadb, rabbitmq) =
        tokio::try_join!(Postgres::start(), MariaDb::start(), RabbitMq::start())
            .context("starting the servers")?;
    let variables = [
        (POSTGRES_URL, postgres.access().base()),
        (MARIADB_URL, mariadb.access().base()),
        (AMQP_URL, rabbitmq.access().amqp_base()),
        (AMQP_MANAGEMENT_URL, rabbitmq.access().management()),
    ];
    let mut output = std::io::stdout().lock();
    for (name, value) in variables {
        writeln!(output, "{name}={value}")?;
    }
    writeln!(output, "READY=1")?;
    output.flush()?;
    drop(output);
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
    Ok(())
}
