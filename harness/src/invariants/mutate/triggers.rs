//! Triggers.

use super::Change;
use super::ddl::{alter, tables};
use crate::catalog::{Catalog, Enabled, Table, Timing, Trigger, quote_ident};

pub(super) fn dropped(catalog: &Catalog) -> Vec<Change> {
    let change = |(table, trigger): (&Table, &Trigger)| {
        let says = format!("drops the trigger {}", trigger.name);
        change(table, trigger, says, vec![drop(table, trigger)])
    };
    enabled(catalog).map(change).collect()
}

pub(super) fn disabled(catalog: &Catalog) -> Vec<Change> {
    let change = |(table, trigger): (&Table, &Trigger)| {
        let disable = format!("DISABLE TRIGGER {}", quote_ident(&trigger.name));
        let says = format!("disables the trigger {}", trigger.name);
        change(table, trigger, says, vec![alter(table, &disable)])
    };
    enabled(catalog).map(change).collect()
}

/// What a trigger for each row makes of the row is lost if it fires after.
pub(super) fn postponed(catalog: &Catalog) -> Vec<Change> {
    let before = |(_, trigger): &(&Table, &Trigger)| {
        trigger.timing == Timing::Before && trigger.for_each_row
    };
    let change = |(table, trigger): (&Table, &Trigger)| {
        let after = trigger.definition.replacen(" BEFORE ", " AFTER ", 1);
        let says = format!("fires the trigger {} only after each row", trigger.name);
        change(table, trigger, says, vec![drop(table, trigger), after])
    };
    enabled(catalog).filter(before).map(change).collect()
}

/// The triggers that fire, each with its table, without the copies that partitions have.
fn enabled(catalog: &Catalog) -> impl Iterator<Item = (&Table, &Trigger)> {
    tables(catalog).flat_map(|table| {
        let fires = |trigger: &&Trigger| trigger.enabled != Enabled::Disabled && !trigger.inherited;
        table.triggers.iter().filter(fires).map(move |trigger| (table, trigger))
    })
}

fn drop(table: &Table, trigger: &Trigger) -> String {
    format!("DROP TRIGGER {} ON {}", quote_ident(&trigger.name), table.name)
}

fn change(table: &Table, trigger: &Trigger, says: String, ddl: Vec<String>) -> Change {
    Change { table: table.name.clone(), object: trigger.name.clone(), says, ddl }
}
