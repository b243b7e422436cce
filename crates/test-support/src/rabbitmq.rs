//! A private RabbitMQ.

mod access;
mod layout;

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::Signal;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub use access::RabbitMqAccess;

use crate::account::Account;
use crate::folder::Folder;
use crate::supervised::Supervised;
use layout::Layout;

const START_LIMIT: Duration = Duration::from_mins(2);
const STOP_LIMIT: Duration = Duration::from_mins(1);

/// A RabbitMQ broker of its own, with its own Erlang port mapper, cookie, plugins and data; nothing of the machine's
/// broker is touched. The management plugin is on. It takes about 10 seconds to start.
///
/// What it has confirmed survives its own death, but is flushed to disk only by [`Self::start_durable`]: tests kill
/// brokers, not machines, and would wait for a busy disk. The user and the password are `guest`. Dropping it ends all its processes and removes its data.
#[derive(Debug)]
pub struct RabbitMq {
    broker: Supervised,
    port_mapper: Supervised,
    access: RabbitMqAccess,
    layout: Layout,
}

impl RabbitMq {
    /// Starts an empty broker; returns when it answers.
    pub async fn start() -> Result<Self> {
        Self::start_with(false).await
    }

    /// The same with every confirmed message flushed to disk, as in production: for what is measured.
    pub async fn start_durable() -> Result<Self> {
        Self::start_with(true).await
    }

    async fn start_with(durable: bool) -> Result<Self> {
        let folder = Arc::new(Folder::create("rabbitmq", Account::PRESENT)?);
        let layout = Layout::create(Arc::clone(&folder), durable)?;
        let access = RabbitMqAccess::new(&layout.amqp_base(), &layout.management_url())?;
        let rabbitmq = Self {
            broker: Supervised::new("rabbitmq-server", Arc::clone(&folder)),
            port_mapper: Supervised::new("epmd", folder),
            access,
            layout,
        };
        rabbitmq.port_mapper.spawn(rabbitmq.layout.port_mapper()?)?;
        rabbitmq.start_again().await?;
        Ok(rabbitmq)
    }

    /// The AMQP URL of the default virtual host.
    pub fn amqp_url(&self) -> String {
        self.access.url("%2f")
    }

    /// What a client needs to know about this broker.
    pub fn access(&self) -> &RabbitMqAccess {
        &self.access
    }

    /// The AMQP port, which stays the same over restarts.
    pub fn port(&self) -> u16 {
        self.layout.amqp_port()
    }

    /// Makes the broker write to disk what it knows of its quorum queues.
    ///
    /// Measured on 3.10.8: the register of quorum queues is written behind, so that a queue declared within the last
    /// seconds before a SIGKILL comes back without a leader, for ever: every operation on it hangs. Call this between
    /// declaring and [`Self::kill`] in tests that are not about that.
    pub fn settle(&self) -> Result<()> {
        self.rabbitmqctl(&["eval", "[ok = dets:sync(Table) || Table <- dets:all()]."]).map(|_told| ())
    }

    /// SIGKILL to the broker and all its children, as in a crash. See [`Self::settle`].
    pub fn kill(&self) -> Result<()> {
        self.broker.kill()
    }

    /// Ends the broker in order.
    pub async fn stop(&self) -> Result<()> {
        self.broker.signal_group(Signal::SIGTERM)?;
        self.broker.wait_exit(STOP_LIMIT).await.map(|_status| ())
    }

    /// Starts the killed or stopped broker on the same ports and data; returns when it answers.
    pub async fn start_again(&self) -> Result<()> {
        self.broker.spawn(self.layout.broker()?)?;
        let answers = || async {
            greet(&self.layout.amqp_address()).await?;
            self.access.ping().await
        };
        self.broker.ready(START_LIMIT, answers).await.with_context(|| self.layout.log_tail())
    }

    /// An immediate restart: the broker is killed and started again on its data.
    pub async fn restart(&self) -> Result<()> {
        self.kill()?;
        self.start_again().await
    }

    /// Kills the broker and starts it again with no data: no messages, queues, virtual hosts.
    pub async fn wipe_and_restart(&self) -> Result<()> {
        self.kill()?;
        self.layout.wipe()?;
        self.start_again().await
    }

    /// Runs `rabbitmqctl` against this broker and returns what it printed. Takes half a second and more.
    pub fn rabbitmqctl(&self, arguments: &[&str]) -> Result<String> {
        let mut command: Command = self.layout.control()?;
        let output = command.args(arguments).stdin(Stdio::null()).output().context("running rabbitmqctl")?;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr);
            bail!("rabbitmqctl {arguments:?} ended with {}: {told}", output.status);
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// Opens an AMQP 0-9-1 connection far enough that the broker answers with its first frame.
async fn greet(address: &str) -> Result<()> {
    let conversation = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"AMQP\0\0\x09\x01").await?;
        let mut kind = [0_u8; 1];
        stream.read_exact(&mut kind).await?;
        anyhow::Ok(kind)
    };
    match tokio::time::timeout(Duration::from_secs(30), conversation).await.context("no answer")?? {
        [1] => Ok(()),
        other => bail!("the broker answered {other:?} instead of a method frame"),
    }
}
