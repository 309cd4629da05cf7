//! What becomes of rows when one that they refer to is deleted or gets another key, by the
//! actions of the foreign keys alone: no triggers of users, no server.
//!
//! Postgres does not follow one path to its end before the next. What a statement does to its
//! rows is a first round; the actions and checks that this calls for are the second, what these
//! call for the third, and so on. So a check sees what the rounds before its own did; what its
//! own round does it sees or not, as the foreign keys happened to be made.

use std::collections::BTreeMap;

use crate::catalog::{Action, Match, Name};
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::Link;
use crate::values::Value;

/// More rounds than any family needs whose values come to rest.
const ROUNDS: usize = 40;

/// What is done to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Delete,
    /// These columns get these values.
    Update(BTreeMap<String, Value>),
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The statement, or what is checked at the end of the transaction, is refused by one of
    /// these foreign keys.
    Refused(Vec<String>),
    /// The rows as they are left, standing as they were given; none where one is gone.
    Left(Vec<Option<Row>>),
    /// Whether these foreign keys refuse it hangs on the order in which Postgres comes to them.
    Hangs(Vec<String>),
    /// A default that is not a constant, or two actions that are after the same column.
    Unclear,
}

/// What comes of a change, and what every row becomes on the way there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    pub fate: Fate,
    /// Each time an action gives a row other values: the row's number and what it then is.
    pub made: Vec<(usize, Row)>,
}

/// What an action wrote into a row, or the victim's own change.
struct Event {
    table: Name,
    old: Row,
    new: Option<Row>,
}

/// Something that must be so when its round comes.
struct Check<'l> {
    link: &'l Link,
    about: About,
    round: usize,
    /// Whether it waits for the end of the transaction.
    deferred: bool,
}

enum About {
    /// No child has this key.
    Unreferenced(Vec<Value>),
    /// This row, if it is still as it was made, has a parent.
    Refers(usize, Row),
}

type State = Vec<Option<Row>>;

/// Follows a change of the row `rows[victim]`. `links` are all foreign keys between the rows;
/// `default` gives the constant that a column's default is.
pub fn follow(
    links: &[&Link],
    rows: &[Row],
    victim: usize,
    change: &Change,
    default: &dyn Fn(&Name, &str) -> Option<Value>,
) -> Course {
    let mut first: State = rows.iter().cloned().map(Some).collect();
    first[victim] = match change {
        Change::Delete => None,
        Change::Update(cells) => {
            let set =
                |row: Row, (column, value): (&String, &Value)| row.with(column, value.clone());
            Some(cells.iter().fold(rows[victim].clone(), set))
        }
    };
    let old = rows[victim].clone();
    let mut events = vec![Event { table: old.table.clone(), old, new: first[victim].clone() }];
    let (mut states, mut checks, mut made) = (vec![first], Vec::new(), Vec::new());
    let mut unclear = false;
    while !events.is_empty() && states.len() < ROUNDS {
        let round = states.len();
        let start = states[round - 1].clone();
        let mut now = start.clone();
        let mut next = Vec::new();
        for event in &events {
            for link in links.iter().filter(|link| link.parent == event.table) {
                let key = values(&event.old, &link.parent_columns);
                let new = event.new.as_ref().map(|row| values(row, &link.parent_columns));
                if new.as_ref() == Some(&key) || key.contains(&None) {
                    continue;
                }
                let action = if new.is_none() { link.on_delete } else { link.on_update };
                if matches!(action, Action::NoAction | Action::Restrict) {
                    // RESTRICT does not wait, whatever the constraint says.
                    let deferred = link.initially_deferred && action == Action::NoAction;
                    checks.push(Check { link, about: About::Unreferenced(key), round, deferred });
                    continue;
                }
                for place in 0..now.len() {
                    let Some(row) = now[place].clone() else { continue };
                    let refers = |row: &Row| refers(link, row, &key);
                    unclear |= start[place].as_ref().is_some_and(refers) != refers(&row);
                    if !refers(&row) {
                        continue;
                    }
                    let after = match acted(action, link, &row, new.as_ref(), default) {
                        Ok(after) => after,
                        Err(NoConstant) => {
                            unclear = true;
                            continue;
                        }
                    };
                    if let Some(after) = &after {
                        made.push((place, after.clone()));
                        let own = links.iter().filter(|own| own.child == after.table);
                        checks.extend(own.map(|own| Check {
                            link: own,
                            about: About::Refers(place, after.clone()),
                            round: round + 1,
                            deferred: own.initially_deferred,
                        }));
                    }
                    now[place].clone_from(&after);
                    next.push(Event { table: row.table.clone(), old: row, new: after });
                }
            }
        }
        events = next;
        states.push(now);
    }
    let fate = if unclear || !events.is_empty() { Fate::Unclear } else { judge(&checks, &states) };
    Course { fate, made }
}

/// The action calls for a default whose value is not known.
struct NoConstant;

/// What the action makes of a child; nothing if it is deleted.
fn acted(
    action: Action,
    link: &Link,
    child: &Row,
    new: Option<&Vec<Value>>,
    default: &dyn Fn(&Name, &str) -> Option<Value>,
) -> Result<Option<Row>, NoConstant> {
    let mut child = child.clone();
    // Only a delete heeds the columns that SET NULL names.
    let set = if new.is_none() { &link.set_columns } else { &link.columns };
    match (action, new) {
        (Action::Cascade, None) => return Ok(None),
        (Action::Cascade, Some(key)) => {
            for (column, value) in link.columns.iter().zip(key) {
                child = child.with(column, value.clone());
            }
        }
        (Action::SetDefault, _) => {
            for column in set {
                let value = default(&link.child, column).ok_or(NoConstant)?;
                child = child.with(column, value);
            }
        }
        _ => {
            for column in set {
                child = child.with(column, None);
            }
        }
    }
    Ok(Some(child))
}

/// Whether the checks hold that the rounds came to.
fn judge(checks: &[Check], states: &[State]) -> Fate {
    let last = states.len() - 1;
    let (mut refused, mut hangs) = (Vec::new(), Vec::new());
    for check in checks {
        let link = check.link;
        let seen = match check.deferred {
            true => [last, last],
            false => [(check.round - 1).min(last), check.round.min(last)],
        };
        let list = match seen.map(|round| holds(check, &states[round])) {
            [true, true] => continue,
            [false, false] => &mut refused,
            _ => &mut hangs,
        };
        if !list.contains(&link.name) {
            list.push(link.name.clone());
        }
    }
    if !refused.is_empty() {
        refused.extend(hangs);
        Fate::Refused(refused)
    } else if !hangs.is_empty() {
        Fate::Hangs(hangs)
    } else {
        Fate::Left(states[last].clone())
    }
}

fn holds(check: &Check, state: &State) -> bool {
    let link = check.link;
    match &check.about {
        About::Unreferenced(key) => !state.iter().flatten().any(|row| refers(link, row, key)),
        About::Refers(place, made) => {
            // Of a row that was changed again only the newest is checked.
            if state[*place].as_ref() != Some(made) {
                return true;
            }
            let key = values(made, &link.columns);
            let nulls = key.iter().filter(|value| value.is_none()).count();
            if nulls > 0 {
                return link.matching != Match::Full || nulls == key.len();
            }
            let parents = state.iter().flatten().filter(|row| row.table == link.parent);
            parents.map(|row| values(row, &link.parent_columns)).any(|parent| parent == key)
        }
    }
}

/// Whether the row refers by this foreign key to the parent that has this key.
pub fn refers(link: &Link, row: &Row, key: &[Value]) -> bool {
    row.table == link.child && !key.contains(&None) && values(row, &link.columns) == key
}

/// The row's values in these columns; NULL where it has none.
pub fn values(row: &Row, columns: &[String]) -> Vec<Value> {
    columns.iter().map(|column| row.cells.get(column).cloned().flatten()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `child.column -> parent.id` with this action on both events.
    fn link(child: &str, column: &str, parent: &str, action: Action) -> Link {
        Link {
            name: format!("{child}_{column}"),
            child: Name::new("public", child),
            columns: vec![column.to_owned()],
            parent: Name::new("public", parent),
            parent_columns: vec!["id".to_owned()],
            on_delete: action,
            on_update: action,
            set_columns: vec![column.to_owned()],
            matching: Match::Simple,
            deferrable: false,
            initially_deferred: false,
            validated: true,
            disabled: false,
            required: false,
        }
    }

    fn row(table: &str, cells: &[(&str, &str)]) -> Row {
        let cells =
            cells.iter().map(|(column, value)| ((*column).to_owned(), Some((*value).to_owned())));
        Row {
            table: Name::new("public", table),
            cells: cells.collect(),
            needs: Vec::new(),
            identity: vec!["id".to_owned()],
        }
    }

    fn deleted(links: &[Link], rows: &[Row]) -> Fate {
        let links: Vec<&Link> = links.iter().collect();
        follow(&links, rows, 0, &Change::Delete, &|_, _| Some(Some("0".to_owned()))).fate
    }

    /// Which rows are left: `-` for one that is gone, else its values.
    fn left(fate: &Fate) -> Vec<String> {
        let Fate::Left(rows) = fate else { return vec![format!("{fate:?}")] };
        let text = |value: &Value| value.clone().unwrap_or_else(|| "NULL".to_owned());
        let cells = |row: &Row| row.cells.values().map(text).collect::<Vec<_>>().join(" ");
        rows.iter().map(|row| row.as_ref().map_or_else(|| "-".to_owned(), cells)).collect()
    }

    #[test]
    fn each_action_does_what_it_is_called() {
        let rows = [row("a", &[("id", "1")]), row("b", &[("a", "1")]), row("a", &[("id", "0")])];
        let after = |action| deleted(&[link("b", "a", "a", action)], &rows);
        assert_eq!(left(&after(Action::Cascade)), ["-", "-", "0"]);
        assert_eq!(left(&after(Action::SetNull)), ["-", "NULL", "0"]);
        assert_eq!(left(&after(Action::SetDefault)), ["-", "0", "0"]);
        assert_eq!(after(Action::Restrict), Fate::Refused(vec!["b_a".to_owned()]));
        assert_eq!(after(Action::NoAction), Fate::Refused(vec!["b_a".to_owned()]));
        let alone = deleted(&[link("b", "a", "a", Action::SetDefault)], &rows[..2]);
        assert_eq!(alone, Fate::Refused(vec!["b_a".to_owned()]), "no parent has the default");
    }

    #[test]
    fn a_cascade_goes_to_the_end_and_stops_where_it_is_not_one() {
        let links = [
            link("b", "a", "a", Action::Cascade),
            link("c", "b", "b", Action::SetNull),
            link("d", "c", "c", Action::Cascade),
        ];
        let rows = [
            row("a", &[("id", "1")]),
            row("b", &[("a", "1"), ("id", "2")]),
            row("c", &[("b", "2"), ("id", "3")]),
            row("d", &[("c", "3")]),
            row("b", &[("a", "9"), ("id", "8")]),
        ];
        assert_eq!(left(&deleted(&links, &rows)), ["-", "-", "NULL 3", "3", "9 8"]);
    }

    #[test]
    fn a_row_that_refers_to_itself_may_go() {
        let mut to_itself = row("a", &[("id", "1"), ("a", "1")]);
        to_itself.cells.insert("a".to_owned(), Some("1".to_owned()));
        for action in [Action::Cascade, Action::NoAction, Action::Restrict] {
            let fate = deleted(&[link("a", "a", "a", action)], std::slice::from_ref(&to_itself));
            assert_eq!(left(&fate), ["-"]);
        }
    }

    /// `a <- b`, `a <- c` and a row of `c` that refers to the row of `b` too.
    fn diamond(check: Action) -> Vec<Link> {
        vec![
            link("b", "a", "a", Action::Cascade),
            link("c", "a", "a", Action::Cascade),
            link("c", "b", "b", check),
        ]
    }

    #[test]
    fn a_child_on_two_paths_of_one_length_is_gone_before_it_is_looked_for() {
        let rows = [
            row("a", &[("id", "1")]),
            row("b", &[("a", "1"), ("id", "2")]),
            row("c", &[("a", "1"), ("b", "2")]),
        ];
        for action in [Action::NoAction, Action::Restrict, Action::SetNull, Action::Cascade] {
            assert_eq!(left(&deleted(&diamond(action), &rows)), ["-", "-", "-"], "{action:?}");
        }
    }

    #[test]
    fn a_child_on_a_longer_path_is_found_or_not_by_the_order_of_the_foreign_keys() {
        let rows = [
            row("a", &[("id", "1")]),
            row("b", &[("a", "1"), ("id", "2")]),
            row("x", &[("a", "1"), ("id", "3")]),
            row("c", &[("x", "3"), ("b", "2")]),
        ];
        let mut links = vec![
            link("b", "a", "a", Action::Cascade),
            link("x", "a", "a", Action::Cascade),
            link("c", "x", "x", Action::Cascade),
            link("c", "b", "b", Action::NoAction),
        ];
        assert_eq!(deleted(&links, &rows), Fate::Hangs(vec!["c_b".to_owned()]));
        links[3].deferrable = true;
        links[3].initially_deferred = true;
        assert_eq!(left(&deleted(&links, &rows)), ["-", "-", "-", "-"], "checked at the end");
        links[3].on_delete = Action::Restrict;
        assert_eq!(deleted(&links, &rows), Fate::Hangs(vec!["c_b".to_owned()]));
    }

    #[test]
    fn a_child_on_a_path_longer_by_two_is_found_for_certain() {
        let rows = [
            row("a", &[("id", "1")]),
            row("b", &[("a", "1"), ("id", "2")]),
            row("x", &[("a", "1"), ("id", "3")]),
            row("y", &[("x", "3"), ("id", "4")]),
            row("c", &[("y", "4"), ("b", "2")]),
        ];
        let links = [
            link("b", "a", "a", Action::Cascade),
            link("x", "a", "a", Action::Cascade),
            link("y", "x", "x", Action::Cascade),
            link("c", "y", "y", Action::Cascade),
            link("c", "b", "b", Action::Restrict),
        ];
        assert_eq!(deleted(&links, &rows), Fate::Refused(vec!["c_b".to_owned()]));
    }

    #[test]
    fn a_new_key_is_passed_on_as_far_as_it_is_a_key() {
        let rows = [
            row("a", &[("id", "1")]),
            row("b", &[("id", "1")]),
            row("c", &[("b", "1"), ("id", "7")]),
        ];
        let links = [link("b", "id", "a", Action::Cascade), link("c", "b", "b", Action::Cascade)];
        let links: Vec<&Link> = links.iter().collect();
        let change = Change::Update(BTreeMap::from([("id".to_owned(), Some("5".to_owned()))]));
        let course = follow(&links, &rows, 0, &change, &|_, _| None);
        assert_eq!(left(&course.fate), ["5", "5", "5 7"]);
        assert_eq!(course.made.len(), 2);
    }

    #[test]
    fn a_default_that_is_no_constant_is_unclear() {
        let rows = [row("a", &[("id", "1")]), row("b", &[("a", "1")])];
        let link = link("b", "a", "a", Action::SetDefault);
        let course = follow(&[&link], &rows, 0, &Change::Delete, &|_, _| None);
        assert_eq!(course.fate, Fate::Unclear);
    }
}
