//! Cases that run on both state databases.

/// Runs a case on both state databases.
macro_rules! on_both_states {
    ($($case:ident),* $(,)?) => { $(
        mod $case {
            use crate::bed::{Bed, Broker, State};

            #[tokio::test]
            async fn sqlite() -> anyhow::Result<()> {
                super::$case(Bed::new(State::Sqlite, Broker::Embedded).await?).await
            }

            #[tokio::test]
            async fn postgres() -> anyhow::Result<()> {
                super::$case(Bed::new(State::Postgres, Broker::Embedded).await?).await
            }
        }
    )* };
}

pub(crate) use on_both_states;
