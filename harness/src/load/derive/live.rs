//! The condition under which a row is live, as queries have it.

use crate::catalog::{Table, quote_ident};
use crate::invariants::soft_delete::SoftDelete;

/// The condition as an index of the table has it, or else that of the soft delete.
///
/// The planner uses a partial index only for a condition that implies its own, and `flag IS NOT
/// TRUE` does not imply `NOT flag` to it. Whoever made the index writes queries that use it.
pub(super) fn condition(table: &Table, soft_delete: &SoftDelete) -> String {
    let forms = forms(soft_delete);
    let predicates = table.indexes.iter().filter_map(|index| index.predicate.as_deref());
    let mut known = predicates.map(bare).filter(|predicate| forms.iter().any(|f| f == predicate));
    known.next().map_or_else(|| soft_delete.live_where.clone(), str::to_owned)
}

/// Whether two conditions are the same but for the parentheses around them.
pub(super) fn same(one: &str, other: &str) -> bool {
    bare(one) == bare(other)
}

fn bare(condition: &str) -> &str {
    let condition = condition.trim();
    match condition.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        // `(a) OR (b)` begins and ends with parentheses that are no pair.
        Some(inner) if !inner.contains(['(', ')']) => inner.trim(),
        _ => condition,
    }
}

/// The ways in which people say that a row is live, by each of the columns that tell.
fn forms(soft_delete: &SoftDelete) -> Vec<String> {
    let own = (&soft_delete.column, &soft_delete.live, &soft_delete.deleted);
    let partners =
        soft_delete.partners.iter().map(|(column, live, deleted)| (column, live, deleted));
    let mut forms = vec![bare(&soft_delete.live_where).to_owned()];
    for (column, live, deleted) in std::iter::once(own).chain(partners) {
        let column = quote_ident(column);
        let (live, deleted) = (live.as_deref(), deleted.as_deref());
        if live.is_none() {
            forms.push(format!("{column} IS NULL"));
        } else if live == Some("false") || deleted == Some("true") {
            forms.push(format!("NOT {column}"));
            forms.extend(["= false", "IS FALSE", "IS NOT TRUE"].map(|is| format!("{column} {is}")));
        } else if live == Some("true") {
            forms.push(column.clone());
            forms.extend(["= true", "IS TRUE"].map(|is| format!("{column} {is}")));
        }
    }
    forms
}
