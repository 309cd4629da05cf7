//! Views that leave softly deleted rows out.

use super::pieces::asks_for_live;
use crate::catalog::View;
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::soft_delete::SoftDelete;
use crate::sql::mentions;

/// A view of a child that leaves out both its own deleted rows and those of deleted parents, and
/// in which the row can be looked for.
pub(super) fn view_of_both<'a>(
    context: &'a Context,
    child: &SoftDelete,
    parent: &SoftDelete,
    row: &Row,
) -> Option<&'a View> {
    context.catalog.views.iter().find(|view| {
        let text = &view.definition;
        !view.materialized
            && [child, parent].iter().all(|soft| mentions(text, &soft.table.name))
            && condition(text).is_some_and(|condition| {
                [child, parent].iter().all(|soft| asks_for_live_of(condition, soft))
            })
            && shows(view, row, &child.table.name)
    })
}

/// Whether the condition asks for live rows of this table among others.
fn asks_for_live_of(condition: &str, soft: &SoftDelete) -> bool {
    let own = format!("{}.", soft.table.name);
    soft.columns().iter().any(|column| mentions(condition, &format!("{own}{column}")))
        && asks_for_live(condition, soft)
}

/// The views over this table alone that leave its deleted rows out, and in which the row can be
/// looked for.
pub(super) fn views_of<'a>(context: &'a Context, soft: &SoftDelete, row: &Row) -> Vec<&'a View> {
    let of = |view: &&View| {
        let text = view.definition.replace('\n', " ");
        let from = text.split_once(" FROM ").and_then(|(_, rest)| rest.split_once(" WHERE "));
        let alone = from.is_some_and(|(from, _)| {
            let from = from.trim();
            from == soft.table.to_string() || from == crate::catalog::quote_ident(&soft.table.name)
        });
        !view.materialized
            && alone
            && !["UNION", "SELECT DISTINCT", "GROUP BY", "LIMIT"]
                .iter()
                .any(|word| text.contains(word))
            && condition(&view.definition).is_some_and(|asked| asks_for_live(asked, soft))
            && row.identity.iter().all(|name| view.columns.iter().any(|own| own.name == *name))
    };
    context.catalog.views.iter().filter(of).collect()
}

/// What stands behind the first WHERE.
fn condition(definition: &str) -> Option<&str> {
    definition.split_once(" WHERE ").map(|(_, condition)| condition)
}

/// Whether the view gives the columns that tell the row from others under their own names.
fn shows(view: &View, row: &Row, table: &str) -> bool {
    row.identity.iter().all(|name| {
        let own = view.columns.iter().any(|column| column.name == *name);
        own && mentions(&view.definition, &format!("{table}.{name}"))
    })
}
