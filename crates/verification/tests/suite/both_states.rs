//! Cases that run on both state databases.

macro_rules! on_both_states {
    ($($case:ident),* $(,)?) => { $(
        mod $case {
            use crate::bed::{Bed, State};

            #[tokio::test]
            async fn sqlite() -> anyhow::Result<()> {
                super::$case(Bed::new(State::Sqlite).await?).await
            }

            #[tokio::test]
            async fn postgres() -> anyhow::Result<()> {
                super::$case(Bed::new(State::Postgres).await?).await
            }
        }
    )* };
}

pub(crate) use on_both_states;
