//! All cases, in the order in which they run.

mod conditions;
mod deleting;
mod effects;
mod failing;
mod finding;
mod groups;
mod hostile;
mod people;
mod rewriting;
mod scanning;
mod schemas;
mod sides;
mod streaming;
mod together;
mod values;

use crate::Case;

/// Names each function as a case that applies where the capability is there.
macro_rules! cases {
    ($($applies:expr => $module:ident { $($name:ident),+ $(,)? })+) => {
        vec![$($(Case {
            name: stringify!($name),
            applies: $applies,
            run: |factory| Box::pin($module::$name(factory)),
        }),+),+]
    };
}

/// Every case of the suite.
pub(crate) fn all() -> Vec<Case> {
    [reading(), changing(), telling()].into_iter().flatten().collect()
}

/// What is found, and for whom.
fn reading() -> Vec<Case> {
    cases! {
        |_| true => finding {
            a_key_finds_its_rows_alone,
            a_key_of_another_type_finds_nothing,
            nothing_is_found_by_nothing,
            null_is_found_by_nobody,
            a_looser_equality_gives_nobody_anything,
            both_normal_forms_are_found,
            any_match_is_enough_and_gives_a_row_once,
        }
        |store| store.caseless => finding { case_matters_only_where_asked }
        |_| true => hostile {
            hostile_keys_are_only_values,
            wildcards_are_only_characters,
            names_with_quotes_are_only_names,
            long_values_come_back_whole,
        }
        |_| true => groups {
            a_group_is_split_right_and_never_crossed,
            a_shared_key_gives_to_all_its_owners,
            a_row_that_is_left_to_others_is_given_to_nobody_else,
            thousands_of_keys_find_each_row_once,
        }
        |_| true => sides { a_row_of_two_people_tells_whose_each_side_is }
        |store| store.rewrite => sides { a_side_is_changed_and_the_other_stays }
        |_| true => scanning {
            pages_hold_each_row_once,
            pages_go_by_an_identity_of_several_fields,
            an_empty_collection_is_one_empty_page,
        }
        |store| store.delete => scanning { rows_that_go_meanwhile_hide_no_other }
        |_| true => values {
            values_of_every_type_come_back,
            text_of_every_script_comes_back,
            extremes_come_back,
        }
        |store| store.streaming => streaming { a_hundred_thousand_rows_take_flat_memory, a_dropped_stream_harms_nothing }
    }
}

/// What is deleted, masked and corrected, and what stays.
fn changing() -> Vec<Case> {
    cases! {
        |store| store.delete => deleting {
            rows_of_the_owners_are_deleted_and_no_others,
            rows_that_are_left_to_others_stay,
            deleting_twice_is_deleting_once,
            thousands_of_rows_go_in_one_step,
            rows_that_refer_to_each_other_go_together,
            a_composite_identity_tells_rows_apart,
            rows_without_identity_are_deleted_or_refused,
        }
        |store| store.delete && store.transactions => deleting { children_go_before_parents_or_not_at_all }
        |store| store.delete => conditions { retention_keeps_what_is_not_before, rows_without_a_date_are_kept }
        |store| store.rewrite => effects {
            every_effect_does_what_it_says_and_twice_is_once,
            masked_addresses_stay_unique,
            effects_reach_only_the_owners,
            values_of_every_type_are_anonymised,
            thousands_of_rows_are_masked_in_one_step,
        }
        |store| store.rewrite => rewriting {
            a_correction_changes_only_what_was_shown,
            a_group_is_corrected_each_as_shown,
            thousands_are_corrected_in_one_step,
            owners_of_one_row_correct_it_one_after_the_other,
            a_correction_reaches_every_type,
            the_field_that_finds_a_row_can_be_rewritten,
            hostile_values_are_written_as_they_are,
            what_a_field_cannot_take_is_refused,
            the_report_counts_for_each_owner,
        }
        |store| store.rewrite && store.transactions => rewriting { a_taken_value_for_one_of_a_group_undoes_all }
        |store| store.rewrite && store.delete && store.transactions => rewriting { a_failure_in_the_middle_undoes_all }
        |store| store.delete => together { the_same_rows_are_deleted_once }
    }
}

/// What a store says of itself, and of what it cannot do.
fn telling() -> Vec<Case> {
    cases! {
        |store| store.schema => schemas { the_schema_is_told_as_it_is }
        |_| true => failing { unknown_names_are_permanent, a_closed_store_says_so, a_store_answers }
    }
}
