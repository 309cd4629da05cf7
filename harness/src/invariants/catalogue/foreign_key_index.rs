//! `foreign-key-index`: the rows that refer to one are found by an index.

use super::Invariant;
use super::foreign_keys::{links, list, promise};
use crate::catalog::quote_literal;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Link;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "foreign-key-index",
    group: "foreign keys",
    page: include_str!("pages/foreign-key-index.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    links(context).map(of).collect()
}

fn of(link: &Link) -> Promise {
    let columns: Vec<String> = link.columns.iter().map(|column| quote_literal(column)).collect();
    let table = quote_literal(&link.child.to_string());
    // Its columns must be the first of the index, in any order. An index may leave out rows
    // that refer to nothing.
    let query = format!(
        "SELECT CASE WHEN EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam \
         WHERE i.indrelid = {table}::regclass AND i.indisvalid AND m.amname IN ('btree', 'hash') \
         AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) ~ '^\\(\"?[^ ]+\"? IS NOT NULL\\)$') \
         AND (i.indkey::int2[])[0:{}] @> (SELECT array_agg(a.attnum) FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attname IN ({}))) \
         THEN 'an index' ELSE 'no index' END",
        columns.len() - 1,
        columns.join(", ")
    );
    let cases = vec![Case::yields("a look for an index", vec![query], "an index")];
    let says = format!("rows of {} are found by ({})", link.child, list(&link.columns));
    let otherwise = Otherwise::Risk {
        trap: format!(
            "each row of {} that is deleted or gets another key takes a scan of all of {}",
            link.parent, link.child
        ),
        way_out: format!("CREATE INDEX ON {} ({})", link.child, list(&link.columns)),
    };
    promise(INVARIANT.id, link, says, otherwise, Evidence::cases(Vec::new(), cases))
}
