//! Row security.

use super::Change;
use super::ddl::{alter, tables};
use crate::catalog::{Catalog, Table, quote_ident};

pub(super) fn dropped(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for table in tables(catalog) {
        for policy in &table.policies {
            let drop = format!("DROP POLICY {} ON {}", quote_ident(&policy.name), table.name);
            let says = format!("drops the policy {}", policy.name);
            changes.push(change(table, &policy.name, says, drop));
        }
    }
    changes
}

pub(super) fn switched_off(catalog: &Catalog) -> Vec<Change> {
    let secured = tables(catalog).filter(|table| table.row_security);
    let change = |table: &Table| {
        let says = format!("switches row security of {} off", table.name.name);
        change(table, "row security", says, alter(table, "DISABLE ROW LEVEL SECURITY"))
    };
    secured.map(change).collect()
}

pub(super) fn unforced(catalog: &Catalog) -> Vec<Change> {
    let forced = tables(catalog).filter(|table| table.row_security && table.row_security_forced);
    let change = |table: &Table| {
        let says = format!("exempts the owner of {} from row security", table.name.name);
        change(table, "row security", says, alter(table, "NO FORCE ROW LEVEL SECURITY"))
    };
    forced.map(change).collect()
}

fn change(table: &Table, object: &str, says: String, statement: String) -> Change {
    Change { table: table.name.clone(), object: object.to_owned(), says, ddl: vec![statement] }
}
