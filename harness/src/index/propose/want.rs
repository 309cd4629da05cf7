//! What a plan would like to have of an index: the conditions, the order and the columns of a node
//! that reads much and gives little.

use shakedown_reports::figures::grouped;

use super::key::{Key, bare};
use crate::catalog::{Catalog, Name, Table};
use crate::measure::count::Planned;
use crate::measure::plan::Node;
use crate::sql;
use crate::sql::expression::{self, Comparison, Literal};

/// What one scan of a table would like to have.
#[derive(Debug, Clone)]
pub(super) struct Want<'c> {
    pub(super) table: &'c Table,
    /// What is compared by `=` with something from outside of the table, in the order of its
    /// columns.
    pub(super) equal: Vec<Key>,
    /// What it is joined by, where the other side is read too.
    pub(super) joined: Vec<Key>,
    /// What is compared by `<` and the like.
    pub(super) ranges: Vec<Key>,
    /// What the rows are to be ordered by.
    pub(super) sort: Vec<Key>,
    /// Texts that are searched by `LIKE`, with the pattern.
    pub(super) patterns: Vec<(Key, String)>,
    /// What an operator of containment is used on: `@>`, `@@`, `&&`.
    pub(super) contains: Vec<(Key, String)>,
    /// Conditions that are the same for all arguments.
    pub(super) always: Vec<Always>,
    /// The columns that are read.
    pub(super) columns: Vec<String>,
    /// Whether all rows of the table are read, one after the other.
    whole: bool,
    /// Rows that it reads, those of them that its conditions leave, and those that are needed.
    read: f64,
    kept: f64,
    given: f64,
}

/// A condition that is the same for all arguments: `NOT is_deleted`.
#[derive(Debug, Clone)]
pub(super) struct Always {
    pub(super) sql: String,
    /// What it says the value of: one of [`Want::equal`], which need not be a key beside it.
    pub(super) fixes: Option<Key>,
    /// Whether it compares that with a constant, of which there may be many.
    pub(super) by_value: bool,
}

/// A scan that reads fewer rows and looks at fewer pages is fast in any way.
const FEW: f64 = 20.0;
const FEW_PAGES: u64 = 16;

/// What every scan of a plan would like to have, where it could gain anything.
pub(super) fn wants<'c>(planned: &Planned, catalog: &'c Catalog) -> Vec<Want<'c>> {
    let mut wants = Vec::new();
    let above = Above { joins: Vec::new(), keys: Vec::new(), limited: false };
    walk(&planned.plan, &above, planned, catalog, &mut wants);
    wants
}

/// A table, or the one that it is a partition of.
pub(in crate::index) fn whole<'c>(catalog: &'c Catalog, name: &Name) -> Option<&'c Table> {
    let mut table = catalog.table(name)?;
    while let Some(parent) = table.partition.as_ref().and_then(|part| catalog.table(&part.of)) {
        table = parent;
    }
    Some(table)
}

/// What the nodes above a scan say of its rows.
#[derive(Clone)]
struct Above<'p> {
    joins: Vec<&'p str>,
    keys: Vec<&'p [String]>,
    /// Whether only the first of them may be wanted.
    limited: bool,
}

fn walk<'c, 'p>(
    node: &'p Node,
    above: &Above<'p>,
    planned: &Planned,
    catalog: &'c Catalog,
    wants: &mut Vec<Want<'c>>,
) {
    if node.is_scan()
        && let Some(table) = node.table.as_ref().and_then(|name| whole(catalog, name))
    {
        wants.extend(want(node, above, planned, table));
    }
    let mut above = above.clone();
    above.joins.extend(node.joins.iter().map(String::as_str));
    if !node.keys.is_empty() {
        above.keys.push(&node.keys);
    }
    above.limited |= node.kind == "Limit";
    for child in &node.children {
        walk(child, &above, planned, catalog, wants);
    }
}

fn want<'c>(
    node: &Node,
    above: &Above<'_>,
    planned: &Planned,
    table: &'c Table,
) -> Option<Want<'c>> {
    let read = node.rows + node.removed;
    if read < FEW && node.buffers < FEW_PAGES {
        return None;
    }
    let alias = node.alias.as_deref()?;
    let mut want = Want {
        table,
        equal: Vec::new(),
        joined: Vec::new(),
        ranges: Vec::new(),
        sort: Vec::new(),
        patterns: Vec::new(),
        contains: Vec::new(),
        always: Vec::new(),
        columns: Vec::new(),
        whole: node.kind == "Seq Scan",
        read,
        kept: node.rows,
        given: node.rows.min(planned.plan.rows),
    };
    // The condition of a bitmap stands in the node below, and again in the recheck.
    for condition in node.conditions.iter().flat_map(|text| clauses(text)) {
        want.clause(&condition, alias, &planned.text);
    }
    for join in above.joins.iter().flat_map(|text| clauses(text)) {
        want.join(&join, alias);
    }
    if let Some(keys) = above.keys.last() {
        let keys: Option<Vec<Key>> =
            keys.iter().map(|key| Key::of_sort(key, alias, table)).collect();
        want.sort = keys.unwrap_or_default();
    } else if above.limited {
        want.sort = order(node, table);
    }
    let texts = node.output.iter().chain(&node.conditions);
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    for text in texts {
        for name in expression::columns(text, &names) {
            if !want.columns.iter().any(|known| known == name) {
                want.columns.push(name.to_owned());
            }
        }
    }
    let place = |key: &Key| {
        table.columns.iter().position(|column| Some(&column.name) == key.column.as_ref())
    };
    want.equal.sort_by_key(|key| place(key).unwrap_or(usize::MAX));
    Some(want)
}

/// The order in which an index gives its rows to whoever wants the first of them: without it they
/// would have to be sorted.
fn order(node: &Node, table: &Table) -> Vec<Key> {
    let index = table.indexes.iter().find(|index| Some(&index.name) == node.index.as_ref());
    let keys = index.into_iter().flat_map(|index| &index.columns).map(|part| {
        let column = part.column.as_ref().and_then(|name| table.column(name))?;
        Some(Key { descending: part.descending != node.backward, ..Key::of_column(column) })
    });
    match node.kind.as_str() {
        "Index Scan" | "Index Only Scan" => keys.collect::<Option<Vec<Key>>>().unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The clauses that all have to hold.
fn clauses(text: &str) -> Vec<String> {
    let condition = expression::condition(text);
    let written = |node: &expression::Node| match node {
        expression::Node::Leaf(at) => Some(condition.leaves[*at].text.clone()),
        expression::Node::Not(inside) => match **inside {
            expression::Node::Leaf(at) => Some(negated(&condition.leaves[at].text)),
            _ => None,
        },
        _ => None,
    };
    match &condition.tree {
        expression::Node::And(nodes) => nodes.iter().filter_map(written).collect(),
        // What is said by OR is one clause, which a partial index may repeat.
        expression::Node::Or(_) => vec![text.trim().to_owned()],
        one => written(one).into_iter().collect(),
    }
}

fn negated(clause: &str) -> String {
    let is_name = clause.chars().all(|c| c.is_alphanumeric() || "_.\"".contains(c));
    if is_name { format!("NOT {clause}") } else { format!("NOT ({clause})") }
}

impl Want<'_> {
    /// Sorts a clause of the scan's own in.
    fn clause(&mut self, text: &str, alias: &str, statement: &str) {
        let always = self.always(text, alias, statement);
        // `a IS NULL`, `flag` and `NOT flag` find rows by an index as `=` does.
        let tested = text.strip_suffix(" IS NULL").or(text.strip_prefix("NOT ")).unwrap_or(text);
        let flag = Key::of_operand(tested, alias, self.table).filter(|key| {
            let column = key.column.as_ref().and_then(|name| self.table.column(name));
            column
                .is_some_and(|column| text.ends_with(" IS NULL") || column.data_type.name == "bool")
        });
        if let Some(key) = flag {
            self.put_always(always, Some(&key), false);
            return put(&mut self.equal, key);
        }
        let compared = self.compare(text, alias);
        // A constant in a query is one of many, unless its column has few.
        let by_value = !expression::literals(text).is_empty();
        self.put_always(always, compared.as_ref(), by_value);
    }

    fn put_always(&mut self, sql: Option<String>, fixes: Option<&Key>, by_value: bool) {
        let Some(sql) = sql.filter(|_| !self.leaves_most()) else { return };
        if !self.always.iter().any(|known| known.sql == sql) {
            self.always.push(Always { sql, fixes: fixes.cloned(), by_value });
        }
    }

    /// Sorts a comparison in; what it compares by `=`, if it does.
    fn compare(&mut self, text: &str, alias: &str) -> Option<Key> {
        let Comparison { left, operator, right } = expression::comparison(text)?;
        let (key, operator, other) = match Key::of_operand(&left, alias, self.table) {
            Some(key) => (key, operator, right),
            None => match Key::of_operand(&right, alias, self.table) {
                Some(key) => (key, turned(&operator), left),
                None => {
                    self.row(&left, &operator, alias);
                    return None;
                }
            },
        };
        // A column compared with another of the same row is no way to find the row.
        if Key::of_operand(&other, alias, self.table).is_some() {
            return None;
        }
        match operator.as_str() {
            "=" | "= ANY" | "IN" => {
                put(&mut self.equal, key.clone());
                return Some(key);
            }
            "<" | "<=" | ">" | ">=" => put(&mut self.ranges, key),
            "~~" | "~~*" | "LIKE" | "ILIKE" => self.patterns.push((key, other)),
            "@>" | "<@" | "@@" | "&&" | "?" | "?|" | "?&" | "@?" => {
                self.contains.push((key, operator));
            }
            _ => {}
        }
        None
    }

    /// Whether the conditions leave most rows of the table, so that a partial index would have them
    /// all.
    fn leaves_most(&self) -> bool {
        self.whole && self.kept > 0.9 * self.read
    }

    /// `ROW(a, b) < ROW(x, y)`, as pages by key have it: a range over both, in their order.
    fn row(&mut self, left: &str, operator: &str, alias: &str) {
        let inside = left.strip_prefix("ROW(").and_then(|rest| rest.strip_suffix(')'));
        let Some(inside) = inside.filter(|_| ["<", "<=", ">", ">="].contains(&operator)) else {
            return;
        };
        let keys = inside.split(", ").map(|part| Key::of_operand(part, alias, self.table));
        let Some(keys) = keys.collect::<Option<Vec<Key>>>() else { return };
        keys.into_iter().for_each(|key| put(&mut self.ranges, key));
    }

    /// Sorts a clause between tables in.
    fn join(&mut self, text: &str, alias: &str) {
        let Some(Comparison { left, operator, right }) = expression::comparison(text) else {
            return;
        };
        if operator != "=" {
            return;
        }
        let own =
            [left, right].into_iter().find_map(|side| Key::of_operand(&side, alias, self.table));
        if let Some(key) = own {
            put(&mut self.joined, key);
        }
    }

    /// The clause as a partial index would have it, if it holds whatever the arguments are: it
    /// names no constant that the statement itself does not.
    fn always(&self, text: &str, alias: &str, statement: &str) -> Option<String> {
        let bare = bare(text, alias)?;
        let names: Vec<&str> =
            self.table.columns.iter().map(|column| column.name.as_str()).collect();
        let own = !expression::columns(&bare, &names).is_empty();
        let written = expression::literals(&bare).into_iter().all(|literal| match literal {
            Literal::Number(number) => sql::mentions(statement, &number),
            Literal::Text(text) | Literal::Interval(text) => {
                statement.contains(&format!("'{text}'"))
            }
            Literal::Pattern { pattern, .. } => statement.contains(&format!("'{pattern}'")),
        });
        (own && written && !bare.contains('$') && !bare.contains("SubPlan")).then_some(bare)
    }

    /// What it does now, after the name of its operation: `reads 20,000 rows of public.items for
    /// 20`.
    pub(super) fn told(&self) -> String {
        let how = if self.whole { "reads all" } else { "reads" };
        let (read, given) = (grouped(self.read.round() as u64), grouped(self.given.round() as u64));
        format!("{how} {read} rows of {} and needs {given}", self.table.name)
    }
}

fn put(keys: &mut Vec<Key>, key: Key) {
    if !keys.iter().any(|known| known.is(&key)) {
        keys.push(key);
    }
}

/// The operator as it is with its operands the other way round.
fn turned(operator: &str) -> String {
    match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        "@>" => "<@",
        "<@" => "@>",
        other => other,
    }
    .to_owned()
}
