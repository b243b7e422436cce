//! The contract of [`habeas_queue::Queue`], asked of both back ends, case by case.

#![expect(clippy::unwrap_used, reason = "a failed test may panic, helpers of tests included")]

mod closing;
mod consuming;
mod dead_letters;
mod groups;
mod publishing;
mod support;

/// Every case becomes one test per back end.
macro_rules! contract {
    ($($group:ident: $($case:ident),+;)+) => {
        mod embedded {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() -> anyhow::Result<()> {
                    crate::$group::$case(crate::support::embedded()).await
                }
            )+)+
        }

        mod rabbit {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() -> anyhow::Result<()> {
                    let vhost = habeas_test_support::shared::amqp_vhost().await?;
                    let queue = crate::support::rabbit(&vhost.url)?;
                    crate::$group::$case(std::sync::Arc::clone(&queue)).await?;
                    queue.close().await;
                    Ok(())
                }
            )+)+
        }
    };
}

contract! {
    publishing:
        a_published_message_is_consumed_and_acknowledged,
        unroutable_is_an_error_and_not_a_silent_loss,
        unroutable_is_told_of_exactly_those_messages_that_were,
        a_thousand_messages_go_in_one_window_and_in_order,
        an_oversized_message_is_refused_alone,
        declaring_again_keeps_what_is_there,
        an_unknown_queue_is_told;
    consuming:
        one_consumer_receives_in_order,
        the_prefetch_limit_holds,
        a_requeued_message_comes_again_and_says_so,
        a_dropped_delivery_comes_again,
        a_dropped_consumer_gives_its_deliveries_to_another,
        two_consumers_share,
        consuming_declares_the_queue;
    groups:
        a_group_ends_at_its_maximum,
        a_group_ends_when_the_linger_is_over,
        a_group_waits_for_its_first_message,
        a_dropped_wait_loses_nothing;
    dead_letters:
        a_dead_letter_keeps_its_body_and_its_reason,
        listing_leaves_the_letters_where_they_are,
        revived_letters_are_delivered_again,
        purged_letters_are_gone;
    closing:
        closing_ends_consumers_and_makes_their_deliveries_stale;
}
