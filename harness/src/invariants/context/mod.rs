//! The schema as those who derive promises from it need it: its shapes, how its tables hang
//! together, and rows that it takes.

pub mod entries;
mod free;
pub mod order;
pub mod prefer;
pub mod row;
pub mod shape;
pub mod solve;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use sqlx::postgres::PgConnection;

use super::case::{Case, Group, Outcome};
use super::runner::Runner;
use super::soft_delete::{self, SoftDelete};
use crate::catalog::{Action, Catalog, Event, Name, Table, Timing};
use crate::error::Result;
use crate::sql::expression::{self, Literal};
use crate::values::{Value, candidates, literal};
use entries::Entry;
use row::Row;
use shape::{Link, Shape};
use solve::{Combo, Component};

/// How many different rows of each table can be asked for at least, where the schema has room
/// for so many.
pub const ROWS: usize = 6;

/// Where the numbers of key values begin if those from zero on are taken.
const ELSEWHERE: usize = 7919;

/// The schema with rows that it takes.
#[derive(Debug)]
pub struct Context {
    pub catalog: Catalog,
    pub soft_deletes: Vec<SoftDelete>,
    /// In the order in which rows can be put in: parents before their children.
    tables: Vec<Solved>,
    /// Whether a case must force what is checked at the end of a transaction.
    pub deferred: bool,
}

/// A table with the values that its checks take.
#[derive(Debug)]
struct Solved {
    shape: Shape,
    components: Vec<Component>,
    /// The columns whose values differ from row to row, so that no key collides.
    varying: BTreeSet<String>,
    /// The other columns of keys: their values differ as far as there are different ones.
    changing: BTreeSet<String>,
    /// The foreign keys whose parents differ from row to row, for the same reason.
    varying_links: BTreeSet<String>,
    /// The first rows, made ahead.
    known: Vec<Row>,
    /// How many of them were seen to go in together; fewer if a key has no room for more.
    rows: usize,
    /// Why no row goes in, if none does: the end of a sentence.
    unable: Option<String>,
    /// By the name of the key, what it makes of values.
    entries: BTreeMap<String, Vec<Entry>>,
    /// Columns that a trigger gives another value than the statement says.
    rewritten: BTreeSet<String>,
}

impl Solved {
    /// Whether checks speak of the one column of a foreign key.
    fn is_checked(&self, link: &Link) -> bool {
        let [column] = link.columns.as_slice() else { return false };
        self.components.iter().any(|part| !part.checks.is_empty() && part.columns.contains(column))
    }
}

impl Context {
    /// Finds rows for every table by asking the server, which is left as it was.
    ///
    /// `soft_deletes`: by table, the condition under which a row is live, for those the user
    /// names; the rest is found out.
    ///
    /// # Errors
    /// When the connection is lost, or `soft_deletes` names a table or column that does not exist.
    pub async fn load(
        conn: &mut PgConnection,
        catalog: Catalog,
        soft_deletes: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let shapes = order::sorted(Shape::all(&catalog));
        let deferred = shapes.iter().any(|shape| {
            shape.table.constraints.iter().any(|constraint| constraint.deferrable)
                || shape.table.triggers.iter().any(|trigger| trigger.constraint)
        });
        let soft_deletes = soft_delete::detect(&catalog, soft_deletes)?;
        let mut context = Self { catalog, soft_deletes, tables: Vec::new(), deferred };
        Runner::new(conn, deferred).await?;
        for shape in shapes {
            for first in [0, ELSEWHERE] {
                let mut solved = context.solve(conn, shape.clone(), first).await?;
                for key in solved.shape.keys.iter().chain(&solved.shape.exclusions()) {
                    let entries = entries::ask(conn, &solved, key).await?;
                    solved.entries.insert(key.name.clone(), entries);
                }
                context.tables.push(solved);
                // Rows that are there already may have the keys that were to be given.
                if !context.try_rows(conn).await? || first == ELSEWHERE {
                    break;
                }
                context.tables.pop();
            }
        }
        Ok(context)
    }

    /// Every table that rows are put into, parents first.
    pub fn shapes(&self) -> impl Iterator<Item = &Shape> {
        self.tables.iter().map(|solved| &solved.shape)
    }

    pub fn shape(&self, table: &Name) -> Option<&Shape> {
        self.solved(table).map(|solved| &solved.shape)
    }

    /// The foreign keys that point to a table.
    pub fn links_to<'a>(&'a self, table: &'a Name) -> impl Iterator<Item = &'a Link> {
        self.shapes().flat_map(|shape| &shape.links).filter(move |link| link.parent == *table)
    }

    /// The soft delete of a table, if it has one.
    pub fn soft_delete(&self, table: &Name) -> Option<&SoftDelete> {
        self.soft_deletes.iter().find(|found| found.table == *table)
    }

    /// Why no row can be put into the table, as the end of a sentence; nothing if one can.
    pub fn unable(&self, table: &Name) -> Option<&str> {
        match self.solved(table) {
            Some(solved) => solved.unable.as_deref(),
            None => Some("it is not a table that rows are put into"),
        }
    }

    /// Whether a trigger gives the column another value than the statement says.
    pub fn is_rewritten(&self, table: &Name, column: &str) -> bool {
        self.solved(table).is_some_and(|solved| solved.rewritten.contains(column))
    }

    /// What the checks of a table say of combinations of values.
    pub fn components(&self, table: &Name) -> &[Component] {
        self.solved(table).map_or(&[], |solved| &solved.components)
    }

    /// What a key with a predicate or expressions makes of values, or an exclusion with a
    /// predicate; none for others.
    pub fn entries(&self, table: &Name, key: &str) -> &[Entry] {
        self.solved(table).and_then(|solved| solved.entries.get(key)).map_or(&[], Vec::as_slice)
    }

    /// The `n`-th row that the table takes. Rows of different number have nothing in common in
    /// any key. Nullable foreign keys are NULL.
    pub fn row(&self, table: &Name, n: usize) -> Option<Row> {
        self.row_with(table, n, &BTreeMap::new())
    }

    /// The `n`-th row that refers to `parent` by the foreign key `link`.
    pub fn child(&self, link: &Link, n: usize, parent: &Row) -> Option<Row> {
        let mut fixed = BTreeMap::new();
        for (column, theirs) in link.columns.iter().zip(&link.parent_columns) {
            fixed.insert(column.clone(), parent.cells.get(theirs)?.clone());
        }
        let mut row = self.row_with(&link.child, n, &fixed)?;
        let inherited = parent.needs.iter().filter(|need| need.0 != link.child);
        for need in inherited {
            if !row.needs.contains(need) {
                row.needs.push(need.clone());
            }
        }
        Some(row)
    }

    /// The `n`-th row with these values in it and the others chosen to go with them. Rows that
    /// given values refer to are the caller's to make.
    pub fn row_with(&self, table: &Name, n: usize, fixed: &BTreeMap<String, Value>) -> Option<Row> {
        let solved = self.solved(table)?;
        if solved.unable.is_some() {
            return None;
        }
        match solved.known.get(n) {
            Some(row) if fixed.is_empty() => Some(row.clone()),
            _ => self.build(solved, n, fixed),
        }
    }

    /// The statements that make the rows that `rows` refer to, parents first, each once.
    pub fn setup(&self, rows: &[&Row]) -> Vec<String> {
        let mut wanted: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut open: Vec<(Name, usize)> = rows.iter().flat_map(|row| row.needs.clone()).collect();
        while let Some((table, n)) = open.pop() {
            let place = self.tables.iter().position(|solved| *solved.shape.name() == table);
            if let (Some(place), Some(row)) = (place, self.row(&table, n))
                && wanted.insert((place, n))
            {
                open.extend(row.needs);
            }
        }
        let statement = |(place, n): &(usize, usize)| {
            self.row(self.tables[*place].shape.name(), *n).map(|row| row.insert())
        };
        wanted.iter().filter_map(statement).collect()
    }

    /// The statements that make `rows` themselves, with all that they refer to.
    pub fn planted(&self, rows: &[&Row]) -> Vec<String> {
        let mut statements = self.setup(rows);
        statements.extend(rows.iter().map(|row| row.insert()));
        statements
    }

    fn solved(&self, table: &Name) -> Option<&Solved> {
        self.tables.iter().find(|solved| solved.shape.name() == table)
    }

    /// Chooses values for the columns of a table and asks what its checks say of them.
    async fn solve(&self, conn: &mut PgConnection, shape: Shape, first: usize) -> Result<Solved> {
        let (varying, changing, varying_links) = varying(&shape);
        let mut components = Vec::new();
        let mut unable = shape.fickle(&self.catalog).map(|(check, function)| {
            format!("its check `{check}` calls {function}(), so that what it refuses changes from run to run")
        });
        for (columns, checks) in solve::groups(&shape) {
            let mut values = Vec::new();
            let given: Vec<String> =
                columns.iter().filter(|name| shape.column(name).is_some()).cloned().collect();
            for name in &given {
                let numbered = varying.contains(name) || changing.contains(name);
                let numbers = numbered.then(|| first..first + ROWS + 2);
                let found = self.candidates(&shape, name, &checks, numbers);
                if found.is_empty() && unable.is_none() {
                    unable = Some(no_value(&shape, name));
                }
                values.push(found);
            }
            if given.is_empty() || given.len() < columns.len() && !checks.is_empty() {
                // A check over a generated column cannot be evaluated without its row.
                let alone = solve::solve(conn, &shape, given, Vec::new(), &values).await?;
                components.push(alone);
                continue;
            }
            let component = solve::solve(conn, &shape, given, checks, &values).await?;
            if unable.is_none() && !component.combos.iter().any(Combo::is_good) {
                let names = component.checks.iter().map(|check| shape.checks[*check].name.as_str());
                let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
                unable = Some(format!(
                    "no values were found that satisfy the check{} {}",
                    if names.len() == 1 { "" } else { "s" },
                    names.join(", ")
                ));
            }
            components.push(component);
        }
        Ok(Solved {
            shape,
            components,
            varying,
            changing,
            varying_links,
            known: Vec::new(),
            rows: 0,
            unable,
            entries: BTreeMap::new(),
            rewritten: BTreeSet::new(),
        })
    }

    /// The values to try in a column, the most ordinary first. `numbers`: those of the values that
    /// differ from each other, if it is part of a key.
    fn candidates(
        &self,
        shape: &Shape,
        name: &str,
        checks: &[usize],
        numbers: Option<Range<usize>>,
    ) -> Vec<Value> {
        let Some((column, resolved)) = shape.column(name) else { return Vec::new() };
        let mut texts: Vec<String> = Vec::new();
        let varying = numbers.is_some();
        for n in numbers.into_iter().flatten() {
            texts.extend(candidates::distinct(resolved, n));
        }
        // A row can refer to others of its own table only once there are some.
        let links = shape.links.iter().filter(|link| link.columns.iter().any(|own| own == name));
        let link = links.min_by_key(|link| link.parent == link.child);
        if let Some(link) = link {
            let at = link.columns.iter().position(|own| own == name).unwrap_or(0);
            let theirs = (0..ROWS).filter_map(|n| self.row(&link.parent, n));
            texts.extend(
                theirs.filter_map(|row| Some(row.text(&link.parent_columns[at])?.to_owned())),
            );
        } else {
            // What a default says is the most ordinary of all.
            for constant in column.default.as_deref().map(expression::literals).unwrap_or_default()
            {
                if let (Literal::Number(text) | Literal::Text(text), false) = (constant, varying)
                    && column.default.as_deref().is_some_and(|default| !default.contains('('))
                {
                    texts.push(text);
                }
            }
            if let Some(default @ ("true" | "false")) = column.default.as_deref() {
                texts.push(default.to_owned());
            }
            if let Some(soft) = self.soft_delete(shape.name())
                && soft.column == name
            {
                texts.extend(soft.live.clone());
            }
            texts.extend(candidates::ordinary(resolved));
            for check in checks {
                texts.extend(candidates::mined(&shape.checks[*check].expression, resolved));
            }
            if !checks.is_empty() && self.is_judged_alone(shape, name, checks) {
                texts.extend(candidates::largest(resolved));
            }
            texts.extend(entries::telling(shape, name, texts.first()));
        }
        if let Some(partition) = shape.table.partition_key.as_deref()
            && !expression::columns(partition, &[name]).is_empty()
        {
            let bounds = self.catalog.tables.iter().filter_map(|table| table.partition.as_ref());
            let bounds = bounds.filter(|partition| partition.of == *shape.name());
            let mined: Vec<String> = bounds
                .flat_map(|found| candidates::mined(&bound(&found.bound), resolved))
                .collect();
            // Outside the partitions there is no place for a row.
            texts.splice(0..0, mined);
        }
        let mut values: Vec<Value> = Vec::new();
        for value in texts.into_iter().map(Some) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if !shape.not_null(name) {
            // NULL comes after the first value, but first where nobody gives a value.
            let soft = self.soft_delete(shape.name()).filter(|soft| soft.column == name);
            let first = soft.is_some_and(|soft| soft.live.is_none()) || link.is_some();
            values.insert(usize::from(!first).min(values.len()), None);
        }
        values
    }

    /// Chooses a row: parents first, then values that go with them.
    fn build(&self, solved: &Solved, n: usize, fixed: &BTreeMap<String, Value>) -> Option<Row> {
        let shape = &solved.shape;
        let mut cells = fixed.clone();
        let mut needs = Vec::new();
        // Values that the row refers to itself by are known only at the end.
        let mut own: Vec<&Link> = Vec::new();
        // Parents whose keys checks speak of are chosen with the other values of those checks.
        let mut by_checks: Vec<&Link> = Vec::new();
        for link in &shape.links {
            if link.columns.iter().all(|column| cells.contains_key(column)) {
                continue;
            }
            if solved.is_checked(link) {
                by_checks.push(link);
            } else if !link.required {
                for column in link.columns.iter().filter(|column| !shape.not_null(column)) {
                    cells.entry(column.clone()).or_insert(None);
                }
            } else if link.parent == link.child {
                own.push(link);
            } else {
                let varies = solved.varying_links.contains(&link.name);
                let m = if varies { n % self.room(&link.parent).max(1) } else { 0 };
                let parent = self.row(&link.parent, m)?;
                for (column, theirs) in link.columns.iter().zip(&link.parent_columns) {
                    let value = parent.cells.get(theirs)?.clone();
                    cells.entry(column.clone()).or_insert(value);
                }
                needs.push((link.parent.clone(), m));
            }
        }
        for component in &solved.components {
            let combo = choose(component, solved, n, &cells)?;
            for (column, value) in component.columns.iter().zip(combo) {
                cells.entry(column.clone()).or_insert(value);
            }
        }
        for link in by_checks {
            if cells.get(&link.columns[0]).is_some_and(Option::is_some) {
                let is_it = |m: &usize| {
                    let parent = self.row(&link.parent, *m);
                    parent.is_some_and(|parent| {
                        cells.get(&link.columns[0]) == parent.cells.get(&link.parent_columns[0])
                    })
                };
                needs.push((link.parent.clone(), (0..self.room(&link.parent)).find(is_it)?));
            }
        }
        for link in own {
            for (column, theirs) in link.columns.iter().zip(&link.parent_columns) {
                let value = cells.get(theirs)?.clone();
                cells.insert(column.clone(), value);
            }
        }
        let identity = shape
            .identity()
            .map_or_else(Vec::new, |key| key.columns().into_iter().map(str::to_owned).collect());
        let identity = match identity.is_empty() {
            true => cells.keys().filter(|name| row::is_comparable(shape, name)).cloned().collect(),
            false => identity,
        };
        Some(Row { table: shape.name().clone(), cells, needs, identity })
    }

    /// Puts the first rows of the newest table in and takes them out again, to learn whether the
    /// server takes them and what its triggers make of them. Tells whether their keys are taken.
    async fn try_rows(&mut self, conn: &mut PgConnection) -> Result<bool> {
        let Some(last) = self.tables.last() else { return Ok(false) };
        if last.unable.is_some() {
            return Ok(false);
        }
        let rows: Vec<Row> =
            (0..ROWS).map_while(|n| self.build(last, n, &BTreeMap::new())).collect();
        let Some(first) = rows.first() else {
            let why = self.without_parents(&last.shape);
            self.refuse(why);
            return Ok(false);
        };
        let look = rewritten_columns(&last.shape, first);
        let alone = Case::yields("a row", vec![first.insert(), look], "");
        let mut groups = vec![Group { setup: self.setup(&[first]), cases: vec![alone] }];
        for count in 2..=rows.len() {
            let some: Vec<&Row> = rows[..count].iter().collect();
            let setup = self.setup(&some);
            let ops = some.iter().map(|row| row.insert()).collect();
            groups.push(Group { setup, cases: vec![Case::accepted("several rows", ops)] });
        }
        let mut runner = Runner::new(conn, self.deferred).await?;
        let mut outcomes = runner.run(&groups[..1]).await?;
        if matches!(outcomes[0][0], Outcome::Yielded(_)) {
            outcomes.extend(runner.run(&groups[1..]).await?);
        }
        let outcomes: Vec<Outcome> = outcomes.into_iter().flatten().collect();
        let Some(last) = self.tables.last_mut() else { return Ok(false) };
        match outcomes.first() {
            Some(Outcome::Yielded(columns)) => {
                let columns = columns.as_deref().unwrap_or_default();
                last.rewritten =
                    columns.split('\u{1f}').filter(|c| !c.is_empty()).map(str::to_owned).collect();
            }
            Some(Outcome::Rejected(rejection) | Outcome::Unreachable(rejection)) => {
                let taken = matches!(rejection.sqlstate.as_str(), "23505" | "23P01");
                self.refuse(format!("every row is refused: {}", rejection.message));
                return Ok(taken);
            }
            _ => {}
        }
        let more =
            outcomes[1..].iter().take_while(|outcome| **outcome == Outcome::Accepted).count();
        last.rows = 1 + more;
        last.known = rows;
        Ok(false)
    }

    /// Why no row could be built though the checks have solutions.
    fn without_parents(&self, shape: &Shape) -> String {
        if let Some(cycle) = order::required_cycle(&self.shapes().collect::<Vec<_>>(), shape) {
            return format!("each row needs another one first: {cycle}");
        }
        let empty =
            shape.links.iter().find(|link| link.required && self.row(&link.parent, 0).is_none());
        match empty {
            Some(link) => format!("it needs rows of {}, which takes none", link.parent),
            None => "no values were found that go together".to_owned(),
        }
    }

    fn refuse(&mut self, why: String) {
        if let Some(last) = self.tables.last_mut() {
            last.unable = Some(why);
        }
    }

    /// How many different rows of the table go in together, up to [`ROWS`].
    pub fn room(&self, table: &Name) -> usize {
        self.solved(table).map_or(0, |solved| solved.rows)
    }

    /// Whether a row trigger of the user's runs at this time and event.
    pub fn has_trigger(&self, table: &Table, timing: Timing, event: Event) -> bool {
        table.triggers.iter().any(|trigger| {
            trigger.for_each_row && trigger.timing == timing && trigger.events.contains(&event)
        })
    }
}

/// What differs from row to row so that no key collides: for each key the roomiest of its columns
/// must, its other columns may, and so may the parents that its foreign keys refer to.
fn varying(shape: &Shape) -> (BTreeSet<String>, BTreeSet<String>, BTreeSet<String>) {
    let (mut must, mut may, mut links) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let linked =
        |name: &str| shape.links.iter().find(|link| link.columns.iter().any(|c| c == name));
    let room = |name: &str| {
        let (_, resolved) = shape.column(name)?;
        Some((0..ROWS).take_while(|n| candidates::distinct(resolved, *n).is_some()).count())
    };
    let exclusions = shape.table.constraints.iter().filter(|found| !found.operators.is_empty());
    let exclusions = exclusions.map(|found| found.columns.iter().map(String::as_str).collect());
    let keys = shape.keys.iter().map(shape::Key::columns);
    for key in keys.chain(exclusions.collect::<Vec<Vec<&str>>>()) {
        let own: Vec<&str> = key.iter().copied().filter(|name| linked(name).is_none()).collect();
        // Of equals the first, so that it stays the same from run to run.
        let roomiest = own.iter().rev().max_by_key(|name| room(name));
        if let Some(name) = roomiest.filter(|name| room(name).is_some_and(|room| room >= 2)) {
            must.insert((*name).to_owned());
            may.extend(own.iter().map(|name| (*name).to_owned()));
        }
        let found = key.iter().filter_map(|name| linked(name));
        links.extend(found.filter(|link| link.parent != link.child).map(|link| link.name.clone()));
    }
    may.retain(|name| !must.contains(name));
    (must, may, links)
}

/// Whether an action removes or changes the child when its parent goes.
pub fn follows(action: Action) -> bool {
    matches!(action, Action::Cascade | Action::SetNull | Action::SetDefault)
}

/// The values of a component for the `n`-th row that go with the cells chosen so far.
fn choose(
    component: &Component,
    solved: &Solved,
    n: usize,
    cells: &BTreeMap<String, Value>,
) -> Option<Vec<Value>> {
    let fits = |combo: &&Combo| {
        let mut pairs = component.columns.iter().zip(&combo.cells);
        pairs.all(|(column, value)| cells.get(column).is_none_or(|fixed| fixed == value))
    };
    let free = component.columns.iter().any(|column| !cells.contains_key(column));
    if !free
        || component.checks.is_empty()
            && component.columns.len() == 1
            && cells.contains_key(&component.columns[0])
    {
        return Some(
            component.columns.iter().map(|column| cells.get(column).cloned().flatten()).collect(),
        );
    }
    let free_of = |names: &BTreeSet<String>| -> Vec<usize> {
        let named = |at: &usize| names.contains(&component.columns[*at]);
        let open = |at: &usize| !cells.contains_key(&component.columns[*at]);
        (0..component.columns.len()).filter(named).filter(open).collect()
    };
    let (varying, changing) = (free_of(&solved.varying), free_of(&solved.changing));
    let good = component.combos.iter().filter(|combo| combo.is_good()).filter(fits);
    // Different also to a key that does not tell case and blanks.
    let different = |places: &[usize]| -> Vec<&Combo> {
        let mut seen = BTreeSet::new();
        let given = |combo: &&Combo| places.iter().all(|at| combo.cells[*at].is_some());
        let folded = |combo: &Combo| -> Vec<String> {
            let fold = |at: &usize| combo.cells[*at].as_deref().unwrap_or("").trim().to_lowercase();
            places.iter().map(fold).collect()
        };
        good.clone().filter(given).filter(|combo| seen.insert(folded(combo))).collect()
    };
    let combo = match (varying.is_empty(), changing.is_empty()) {
        (true, true) => good.clone().next(),
        (false, _) => different(&varying).get(n).copied(),
        (true, false) => {
            let found = different(&changing);
            found.get(n % found.len().max(1)).copied()
        }
    };
    match combo {
        Some(combo) => Some(combo.cells.clone()),
        // Values that were given may be outside of what was tried: the rest is as in any row.
        None => {
            let good = component.combos.iter().find(|combo| combo.is_good())?;
            let given = component.columns.iter().any(|column| cells.contains_key(column));
            given.then(|| good.cells.clone())
        }
    }
}

/// A query that names the columns in which the row is not as it was given.
fn rewritten_columns(shape: &Shape, row: &Row) -> String {
    let compared = row.cells.iter().filter_map(|(name, value)| {
        let (_, resolved) = shape.column(name).filter(|_| row::is_comparable(shape, name))?;
        let name_sql = crate::catalog::quote_ident(name);
        Some(format!(
            "CASE WHEN {name_sql} IS DISTINCT FROM {}::{} THEN {} END",
            literal(value),
            resolved.cast,
            crate::catalog::quote_literal(name)
        ))
    });
    let compared: Vec<String> = compared.collect();
    if compared.is_empty() {
        return "SELECT ''".to_owned();
    }
    row.select(&format!("concat_ws(E'\\x1f', {})", compared.join(", ")))
}

fn no_value(shape: &Shape, column: &str) -> String {
    let link = shape.links.iter().find(|link| link.columns.iter().any(|own| own == column));
    match link {
        Some(link) => format!("it needs rows of {}, which takes none", link.parent),
        None => {
            let text =
                shape.column(column).map_or("", |(column, _)| column.data_type.text.as_str());
            format!("no value of the type `{text}` of `{column}` is known")
        }
    }
}

/// The bound of a partition as an expression whose constants can be taken.
fn bound(bound: &str) -> String {
    bound.replace("FOR VALUES", "").replace("FROM", "").replace("TO", ",").replace("IN", "")
}
