//! What a statement does with its tables, as it is written: which it names, what it writes to
//! which column, how many rows it asks for.

use std::panic::{AssertUnwindSafe, catch_unwind};

use squawk_syntax::ast::{
    AstNode, Expr, FetchClause, Insert, InsertSource, LimitClause, OffsetClause, RelationNameRef,
    Row, Select, SetClause, SetColumn, Target, Update,
};
use squawk_syntax::{SourceFile, SyntaxNode};

use super::expression::identifier;

/// A value that is written to a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The table: its schema, if one is written, and its name, both without quotes.
    pub table: (Option<String>, String),
    pub column: Column,
    /// The expression as it is written.
    pub value: String,
    /// Which of several rows of `VALUES` it stands in, counted from zero.
    pub row: usize,
    /// Whether it makes a row, as opposed to changing one.
    pub inserts: bool,
}

/// Which column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// By its name, without quotes.
    Named(String),
    /// By its place in the table, counted from zero, where an `INSERT` names none.
    At(usize),
}

/// What a statement writes by `INSERT`, `UPDATE` and `ON CONFLICT DO UPDATE`, also within `WITH`.
/// Nothing of what the parser does not understand.
pub fn written(statement: &str) -> Vec<Written> {
    let found = parsed(statement, |root| {
        let mut all = Vec::new();
        for node in root.descendants() {
            if let Some(insert) = Insert::cast(node.clone()) {
                add_insert(&insert, &mut all);
            } else if let Some(update) = Update::cast(node) {
                let relation = update.relation_name().and_then(|name| name.relation_name_ref());
                if let (Some(relation), Some(set)) = (relation, update.set_clause()) {
                    add_set(&table(&relation), &set, &mut all);
                }
            }
        }
        all
    });
    found.unwrap_or_default()
}

/// The expressions behind `LIMIT` and `FETCH FIRST`, and those behind `OFFSET`.
pub fn pages(statement: &str) -> (Vec<String>, Vec<String>) {
    let found = parsed(statement, |root| {
        let (mut limits, mut offsets) = (Vec::new(), Vec::new());
        for node in root.descendants() {
            if let Some(clause) = LimitClause::cast(node.clone()) {
                limits.extend(clause.limit_value().map(|value| text(value.syntax())));
            } else if let Some(clause) = FetchClause::cast(node.clone()) {
                limits.extend(clause.expr().map(|value| text(value.syntax())));
            } else if let Some(clause) = OffsetClause::cast(node) {
                offsets.extend(clause.expr().map(|value| text(value.syntax())));
            }
        }
        (limits, offsets)
    });
    found.unwrap_or_default()
}

/// The relations that a statement names, each with its schema if one is written, without quotes.
/// Those of `WITH` are among them. `None` if the parser does not understand all of it.
pub fn relations(statement: &str) -> Option<Vec<(Option<String>, String)>> {
    parsed(statement, |root| {
        root.descendants().filter_map(RelationNameRef::cast).map(|name| table(&name)).collect()
    })
}

fn add_insert(insert: &Insert, all: &mut Vec<Written>) {
    let Some(relation) = insert.relation_name_ref() else { return };
    let table = table(&relation);
    let names: Option<Vec<String>> = insert.column_target_list().map(|list| {
        let targets = list.column_targets().filter_map(|target| target.name());
        targets.map(|name| identifier(&text(name.syntax()))).collect()
    });
    let column = |at: usize| match &names {
        Some(names) => names.get(at).map(|name| Column::Named(name.clone())),
        None => Some(Column::At(at)),
    };
    let source = insert.insert_source();
    let rows = source.as_ref().map(rows).unwrap_or_default();
    for (row, values) in rows.into_iter().enumerate() {
        for (at, value) in values.into_iter().enumerate() {
            let Some(column) = column(at) else { continue };
            all.push(Written { table: table.clone(), column, value, row, inserts: true });
        }
    }
    let conflict = insert.on_conflict_clause().map(|clause| clause.syntax().clone());
    let set = conflict.and_then(|clause| clause.descendants().find_map(SetClause::cast));
    if let Some(set) = set {
        add_set(&table, &set, all);
    }
}

/// The rows of `VALUES`, or what a `SELECT` returns as one row.
fn rows(source: &InsertSource) -> Vec<Vec<String>> {
    let InsertSource::SelectVariant(source) = source else { return Vec::new() };
    let node = source.syntax();
    if let Some(select) = Select::cast(node.clone()) {
        let targets = select.select_clause().and_then(|clause| clause.target_list());
        let targets = targets.into_iter().flat_map(|list| list.targets());
        let value = |target: Target| target.expr().map(|value| text(value.syntax()));
        return vec![targets.map(|target| value(target).unwrap_or_default()).collect()];
    }
    let rows = node.descendants().filter_map(Row::cast);
    rows.map(|row| row.exprs().map(|value: Expr| text(value.syntax())).collect()).collect()
}

fn add_set(table: &(Option<String>, String), set: &SetClause, all: &mut Vec<Written>) {
    let columns = set.set_column_list().into_iter().flat_map(|list| list.set_columns());
    let mut add = |name: String, value: String| {
        let column = Column::Named(identifier(&name));
        all.push(Written { table: table.clone(), column, value, row: 0, inserts: false });
    };
    for column in columns {
        match column {
            SetColumn::SetSingleColumn(one) => {
                if let (Some(name), Some(value)) =
                    (one.column_target().and_then(|target| target.name()), one.set_expr())
                {
                    add(text(name.syntax()), text(value.syntax()));
                }
            }
            SetColumn::SetMultipleColumns(many) => {
                let names = many.column_target_list().into_iter();
                let names = names.flat_map(|list| list.column_targets());
                let values = many.set_expr_list().into_iter().flat_map(|list| list.set_exprs());
                for (name, value) in names.filter_map(|target| target.name()).zip(values) {
                    add(text(name.syntax()), text(value.syntax()));
                }
            }
        }
    }
}

/// The schema and the name of a relation.
fn table(relation: &RelationNameRef) -> (Option<String>, String) {
    let written = text(relation.syntax());
    // A point within quotes is part of a name.
    let (mut parts, mut within) = (vec![String::new()], false);
    for c in written.chars() {
        within ^= c == '"';
        match parts.last_mut() {
            Some(_) if c == '.' && !within => parts.push(String::new()),
            Some(last) => last.push(c),
            None => {}
        }
    }
    let mut parts = parts.iter().rev().map(|part| identifier(part.trim()));
    let name = parts.next().unwrap_or_default();
    (parts.next(), name)
}

fn text(node: &SyntaxNode) -> String {
    node.text().to_string().trim().to_owned()
}

/// Nothing if the parser does not understand all of it; it has no promise to never panic.
fn parsed<T>(text: &str, find: impl FnOnce(&SyntaxNode) -> T) -> Option<T> {
    let find = || {
        let parse = SourceFile::parse(text);
        parse.errors().is_empty().then(|| find(parse.tree().syntax()))
    };
    catch_unwind(AssertUnwindSafe(find)).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `table.column[row] = value`, with `+` before what makes a row.
    fn told(statement: &str) -> Vec<String> {
        let one = |written: Written| {
            let schema = written.table.0.map_or_else(String::new, |schema| format!("{schema}."));
            let column = match written.column {
                Column::Named(name) => name,
                Column::At(at) => at.to_string(),
            };
            let sign = if written.inserts { "+" } else { "" };
            let (table, row, value) = (written.table.1, written.row, written.value);
            format!("{sign}{schema}{table}.{column}[{row}] = {value}")
        };
        written(statement).into_iter().map(one).collect()
    }

    #[test]
    fn what_is_written_is_told_by_table_and_column() {
        for (statement, expected) in [
            (
                "INSERT INTO a (x, \"Y\") VALUES ($1, lower($2)), ($3, DEFAULT)",
                vec!["+a.x[0] = $1", "+a.Y[0] = lower($2)", "+a.x[1] = $3", "+a.Y[1] = DEFAULT"],
            ),
            ("INSERT INTO s.a VALUES ($1, 2)", vec!["+s.a.0[0] = $1", "+s.a.1[0] = 2"]),
            (
                "INSERT INTO a (x, y) SELECT b.id, $1 FROM b WHERE b.n = $2",
                vec!["+a.x[0] = b.id", "+a.y[0] = $1"],
            ),
            (
                "UPDATE \"A b\".\"c.d\" AS t SET x = $1, (y, z) = ($2, 3) WHERE id = $4",
                vec!["A b.c.d.x[0] = $1", "A b.c.d.y[0] = $2", "A b.c.d.z[0] = 3"],
            ),
            (
                "INSERT INTO a (x) VALUES ($1) ON CONFLICT (x) DO UPDATE SET n = $2",
                vec!["+a.x[0] = $1", "a.n[0] = $2"],
            ),
            (
                "WITH made AS (INSERT INTO a (x) VALUES ($1) RETURNING id) SELECT * FROM made",
                vec!["+a.x[0] = $1"],
            ),
            ("DELETE FROM a WHERE x = $1", vec![]),
            ("INSERT INTO a DEFAULT VALUES", vec![]),
        ] {
            assert_eq!(told(statement), expected, "{statement}");
        }
    }

    #[test]
    fn the_numbers_of_rows_that_are_asked_for_are_found() {
        let both = |limit: &str, offset: &str| (vec![limit.to_owned()], vec![offset.to_owned()]);
        assert_eq!(pages("SELECT 1 FROM a LIMIT $1 OFFSET $2"), both("$1", "$2"));
        assert_eq!(
            pages("SELECT 1 FROM a OFFSET $1 ROWS FETCH FIRST $2 ROWS ONLY"),
            both("$2", "$1")
        );
        assert_eq!(pages("SELECT 1 FROM a"), (vec![], vec![]));
    }

    #[test]
    fn the_relations_of_a_statement_are_found() {
        let names = |statement: &str| {
            let found = relations(statement).unwrap();
            let one = |(schema, name): (Option<String>, String)| match schema {
                Some(schema) => format!("{schema}.{name}"),
                None => name,
            };
            found.into_iter().map(one).collect::<Vec<_>>()
        };
        assert_eq!(names("SELECT * FROM a JOIN s.b ON true"), ["a", "s.b"]);
        assert_eq!(names("SELECT (SELECT 1 FROM pg_catalog.pg_class)"), ["pg_catalog.pg_class"]);
        assert_eq!(names("UPDATE a SET x = 1"), ["a"]);
        assert_eq!(names("INSERT INTO a VALUES (1)"), ["a"]);
        assert_eq!(names("DELETE FROM a USING b"), ["a", "b"]);
        assert!(names("SELECT now()").is_empty());
        assert_eq!(relations("SELECT FROM WHERE ("), None);
    }
}
