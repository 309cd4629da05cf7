//! The invariants: one file each, and its page beside it.
//!
//! The page of an invariant holds a schema on which it holds and one on which it fails; a test
//! tries both.

mod cascade_closure;
mod cascade_order;
mod char_padding;
mod check_clauses;
mod check_ignores_null;
mod check_takes_infinity;
mod circle_fillable;
mod columns_free;
mod conflict_arbiter;
mod constraint_validated;
mod counter_columns;
mod created_at_given;
mod created_at_stays;
mod default_values;
mod deferred_reference;
mod exclusion;
mod exclusion_gaps;
mod exclusion_under_race;
mod foreign_key_index;
mod foreign_key_match;
mod foreign_key_race;
mod foreign_keys;
mod guard;
mod identity_always;
mod identity_import;
mod index_valid;
mod json_zero_byte;
mod key_change;
mod keys;
mod migration_keeps_values;
mod migration_takes_rows;
mod no_orphans;
mod not_null;
mod orphans_by_trigger;
mod owner_deletable;
mod partition_bounds;
mod partly_null_reference;
mod pieces;
mod positions_move;
mod reference_types;
mod restrict_at_once;
mod row_policies;
mod rows_follow_the_model;
mod rows_told_apart;
mod rule_stops_cascade;
mod sequence_width;
mod set_default_exists;
mod set_null_possible;
mod set_null_shared_column;
mod soft_delete_agrees;
mod soft_delete_cascade;
mod soft_delete_children;
mod soft_delete_key_column;
mod soft_delete_parent;
mod soft_delete_purge;
mod soft_delete_reinsert;
mod soft_delete_restrict;
mod soft_delete_undelete;
mod soft_delete_view;
mod soft_view;
mod spans;
mod times;
mod timestamp_order;
mod timestamp_zone;
mod trigger_enabled;
mod trigger_paths;
mod truncate_unseen;
mod type_limits;
mod unique_columns;
mod unique_ignores_null;
mod unique_spelling;
mod unique_under_race;
mod updated_at_by_reference;
mod updated_at_moves;
mod updated_at_upsert;

use super::context::Context;
use super::promise::Promise;

/// Something that schemas promise.
#[derive(Debug)]
pub struct Invariant {
    /// As reports, `--only` and allowances name it.
    pub id: &'static str,
    /// What it is about: `uniqueness`, `foreign keys`, ...
    pub group: &'static str,
    /// What `shakedown rule <id>` prints: what is promised, how it is tried, what commonly goes
    /// wrong, a schema on which it holds and one on which it fails.
    pub page: &'static str,
    /// The promises of this kind that a schema makes.
    pub derive: fn(&Context) -> Vec<Promise>,
}

impl Invariant {
    /// What is promised, as the first paragraph of its page says it, in one line.
    pub fn summary(&self) -> String {
        let lines = self.page.lines().skip(1).skip_while(|line| line.trim().is_empty());
        lines.take_while(|line| !line.trim().is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// Every invariant, in the order in which reports have them.
pub static INVARIANTS: &[Invariant] = &[
    // Cascades and foreign keys.
    cascade_closure::INVARIANT,
    cascade_order::INVARIANT,
    orphans_by_trigger::INVARIANT,
    key_change::INVARIANT,
    restrict_at_once::INVARIANT,
    foreign_key_match::INVARIANT,
    foreign_key_race::INVARIANT,
    reference_types::INVARIANT,
    deferred_reference::INVARIANT,
    no_orphans::INVARIANT,
    truncate_unseen::INVARIANT,
    partly_null_reference::INVARIANT,
    set_null_possible::INVARIANT,
    set_null_shared_column::INVARIANT,
    set_default_exists::INVARIANT,
    owner_deletable::INVARIANT,
    rule_stops_cascade::INVARIANT,
    circle_fillable::INVARIANT,
    foreign_key_index::INVARIANT,
    // Uniqueness and exclusion.
    unique_columns::INVARIANT,
    unique_under_race::INVARIANT,
    unique_ignores_null::INVARIANT,
    unique_spelling::INVARIANT,
    char_padding::INVARIANT,
    conflict_arbiter::INVARIANT,
    positions_move::INVARIANT,
    index_valid::INVARIANT,
    exclusion::INVARIANT,
    exclusion_gaps::INVARIANT,
    exclusion_under_race::INVARIANT,
    // Soft deletes.
    soft_delete_reinsert::INVARIANT,
    soft_delete_undelete::INVARIANT,
    soft_delete_key_column::INVARIANT,
    soft_delete_children::INVARIANT,
    soft_delete_parent::INVARIANT,
    soft_delete_restrict::INVARIANT,
    soft_delete_cascade::INVARIANT,
    soft_delete_view::INVARIANT,
    soft_delete_agrees::INVARIANT,
    soft_delete_purge::INVARIANT,
    // Not null, checks, types and defaults.
    not_null::INVARIANT,
    check_clauses::INVARIANT,
    columns_free::INVARIANT,
    check_ignores_null::INVARIANT,
    check_takes_infinity::INVARIANT,
    type_limits::INVARIANT,
    json_zero_byte::INVARIANT,
    constraint_validated::INVARIANT,
    default_values::INVARIANT,
    // Timestamps.
    updated_at_moves::INVARIANT,
    updated_at_upsert::INVARIANT,
    updated_at_by_reference::INVARIANT,
    created_at_stays::INVARIANT,
    created_at_given::INVARIANT,
    timestamp_zone::INVARIANT,
    timestamp_order::INVARIANT,
    // Identities, triggers, partitions and policies.
    identity_always::INVARIANT,
    identity_import::INVARIANT,
    sequence_width::INVARIANT,
    trigger_paths::INVARIANT,
    trigger_enabled::INVARIANT,
    partition_bounds::INVARIANT,
    counter_columns::INVARIANT,
    row_policies::INVARIANT,
    rows_told_apart::INVARIANT,
    // Everything at once, and migrations.
    rows_follow_the_model::INVARIANT,
    migration_takes_rows::INVARIANT,
    migration_keeps_values::INVARIANT,
];

/// The invariant of this id.
pub fn invariant(id: &str) -> Option<&'static Invariant> {
    INVARIANTS.iter().find(|invariant| invariant.id == id)
}
