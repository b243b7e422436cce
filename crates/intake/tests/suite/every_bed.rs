//! Cases that run on both state databases, and with both queues.

/// Runs a case on both state databases, and with both queues.
macro_rules! on_every_bed {
    ($($case:ident),* $(,)?) => { $(
        mod $case {
            use crate::bed::{Bed, Broker, State};

            #[tokio::test]
            async fn sqlite_embedded() -> anyhow::Result<()> {
                super::$case(Bed::new(State::Sqlite, Broker::Embedded).await?).await
            }

            #[tokio::test]
            async fn postgres_embedded() -> anyhow::Result<()> {
                super::$case(Bed::new(State::Postgres, Broker::Embedded).await?).await
            }

            #[tokio::test]
            async fn postgres_rabbit() -> anyhow::Result<()> {
                super::$case(Bed::new(State::Postgres, Broker::Rabbit).await?).await
            }
        }
    )* };
}

pub(crate) use on_every_bed;
