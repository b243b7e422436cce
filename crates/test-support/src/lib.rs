//! Private servers for tests, a daemon under test, and a person who answers mail.
//!
//! Every server listens on a free loopback port, keeps its data in a temporary folder and is ended when its value is
//! dropped. A small watcher process ends it also when the test process itself is killed, so that nothing is left behind.
//!
//! Starting a server takes seconds, and the test runner starts one process per test. Tests that do not harm their
//! server therefore share one through [`shared`]; tests that kill, stop or wipe a server start their own.

mod account;
mod authority;
pub mod daemon;
mod database;
pub mod dns;
mod dovecot;
mod folder;
mod http;
mod logs;
pub mod mailbox;
mod mariadb;
mod names;
pub mod pace;
pub mod person;
mod ports;
mod postgres;
mod processes;
mod programs;
mod proxy;
mod rabbitmq;
mod s3;
pub mod shared;
pub mod smtp;
pub mod state;
mod supervised;
mod text_messages;
mod tls_front;
pub mod wait;

pub use authority::{Authority, Certificate};
pub use daemon::TestDaemon;
pub use database::{DatabaseAccess, DatabaseKind};
pub use dns::DnsServer;
pub use dovecot::{DOVECOT_PASSWORD, Dovecot};
pub use http::client as http_client;
pub use mailbox::ReceivedMail;
pub use mariadb::{MariaDb, MariaDbAccess, OnMariaDb};
pub use names::unique;
pub use person::Person;
pub use ports::Port;
pub use postgres::{OnPostgres, Postgres, PostgresAccess};
pub use proxy::{ProxyMode, TcpProxy};
pub use rabbitmq::{RabbitMq, RabbitMqAccess};
pub use s3::S3Server;
pub use smtp::{Refusal, SmtpMail, SmtpMode, SmtpSink};
pub use text_messages::TextMessages;
pub use tls_front::{TlsFront, TlsMode};
