//! Cases with what must come of them, by the model.

use std::collections::BTreeSet;

use super::Model;
use super::digest;
use super::op::Op;
use super::state::{Refusals, State};
use crate::invariants::case::{Case, Expect};

/// Rows of pools, by table and row, that are inserted before a case.
pub(super) type Start = Vec<(usize, usize)>;

impl Model {
    /// What comes of an operation; none if that hangs on an order that no schema promises.
    pub(super) fn step(&mut self, state: &State, op: &Op) -> Option<Result<State, Refusals>> {
        let after = state.after(&self.schema, &mut self.facts, op, false);
        let endless = |refusals: &Refusals| refusals.iter().any(|r| r.sqlstate == "54000");
        if after.as_ref().is_err_and(endless) {
            return None;
        }
        // Nothing follows from an insertion that could come in another order.
        if matches!(op, Op::Insert { .. }) {
            return Some(after);
        }
        let reversed = state.after(&self.schema, &mut self.facts, op, true);
        match (after, reversed) {
            (Ok(one), Ok(other)) if one.same_rows(&other) => Some(Ok(one)),
            (Err(one), Err(other)) => Some(Err(one.union(&other).cloned().collect())),
            _ => None,
        }
    }

    /// The state after inserting these rows, and the statements that do it. Rows that would be
    /// refused are left out.
    pub(super) fn begin(&mut self, start: &Start) -> (State, Vec<String>) {
        let mut state = State::empty(&self.schema);
        let mut setup = Vec::new();
        for &(table, row) in start {
            let op = Op::Insert { table, rows: vec![row] };
            if let Some(Ok(after)) = self.step(&state, &op) {
                state = after;
                setup.extend(op.sql(&self.schema, &self.facts));
            }
        }
        (state, setup)
    }

    /// All rows of the pools: first those that can be in the tables together, parents before
    /// children, then the others.
    pub(super) fn insertable(&mut self) -> Start {
        let mut state = State::empty(&self.schema);
        let rows = self.schema.tables.iter().enumerate();
        let mut rest: Start =
            rows.flat_map(|(table, at)| (0..at.pool.len()).map(move |row| (table, row))).collect();
        let mut order = Start::new();
        loop {
            let before = order.len();
            let mut refused = Start::new();
            for (table, row) in rest {
                match self.step(&state, &Op::Insert { table, rows: vec![row] }) {
                    Some(Ok(after)) => {
                        state = after;
                        order.push((table, row));
                    }
                    _ => refused.push((table, row)),
                }
            }
            rest = refused;
            if order.len() == before {
                order.extend(rest);
                return order;
            }
        }
    }

    /// The case of these operations in this state; none if what comes of them hangs on an order
    /// that no schema promises. What the tables hold afterwards is read always, or as often as
    /// it pays for the case of this number.
    pub(super) fn case(
        &mut self,
        start: &State,
        ops: &[Op],
        number: Option<usize>,
    ) -> Option<Case> {
        match ops {
            [op] if !matches!(op, Op::Check) => self.single(start, op, number),
            many => self.steps(start, many),
        }
    }

    fn single(&mut self, start: &State, op: &Op, number: Option<usize>) -> Option<Case> {
        let about = self.about(std::slice::from_ref(op));
        let mut ops = op.sql(&self.schema, &self.facts);
        let expect = match self.step(start, op)? {
            Err(refusals) => rejected(&refusals),
            Ok(after) => match self.end(&after)? {
                Err(refusals) => rejected(&refusals),
                Ok(()) if number.is_none_or(|number| pays(number, op, start, &after)) => {
                    let tables = self.touched(std::slice::from_ref(op), start, &after);
                    ops.push(digest::read(&self.digests, &self.schema, &tables));
                    Expect::Yields(Some(self.told(&after, &tables)))
                }
                Ok(()) => Expect::Accepted,
            },
        };
        Some(Case { about, ops, expect })
    }

    fn steps(&mut self, start: &State, ops: &[Op]) -> Option<Case> {
        let mut state = start.clone();
        let mut statements = Vec::new();
        let mut expected = Vec::new();
        for op in ops {
            let sql = op.sql(&self.schema, &self.facts);
            let further = sql.len().saturating_sub(1);
            statements.extend(sql);
            expected.push(match self.step(&state, op)? {
                Err(refusals) => rejected(&refusals),
                Ok(after) => {
                    state = after;
                    Expect::Accepted
                }
            });
            expected.extend(vec![Expect::Accepted; further]);
        }
        let tables = self.touched(ops, start, &state);
        if !tables.is_empty() {
            statements.push(digest::read(&self.digests, &self.schema, &tables));
            expected.push(Expect::Yields(Some(self.told(&state, &tables))));
        }
        expected.push(match self.end(&state)? {
            Ok(()) => Expect::Accepted,
            Err(refusals) => rejected(&refusals),
        });
        Some(Case { about: self.about(ops), ops: statements, expect: Expect::Steps(expected) })
    }

    /// What the check at the end comes to.
    fn end(&mut self, state: &State) -> Option<Result<(), Refusals>> {
        if self.schema.deferrable.is_empty() {
            return Some(Ok(()));
        }
        Some(self.step(state, &Op::Check)?.map(|_| ()))
    }

    /// The tables that operations may change, less those that have no rows anyway.
    fn touched(&self, ops: &[Op], start: &State, end: &State) -> Vec<usize> {
        let own: BTreeSet<usize> = ops.iter().flat_map(Op::tables).collect();
        let changes = ops.iter().filter(|op| !matches!(op, Op::Insert { .. }));
        let reached = changes.flat_map(Op::tables).flat_map(|table| &self.digests[table].reach);
        let filled =
            |table: &usize| !start.tables[*table].is_empty() || !end.tables[*table].is_empty();
        let reached: BTreeSet<usize> = reached.copied().filter(filled).collect();
        own.union(&reached).copied().collect()
    }

    pub(super) fn told(&self, state: &State, tables: &[usize]) -> String {
        digest::told(&self.digests, &self.schema, &self.facts, state, tables)
    }

    /// The query whose value is what [`Self::told`] tells.
    pub(super) fn read(&self, tables: &[usize]) -> String {
        digest::read(&self.digests, &self.schema, tables)
    }

    fn about(&self, ops: &[Op]) -> String {
        let tables: BTreeSet<usize> = ops.iter().flat_map(Op::tables).collect();
        let names = tables.into_iter().map(|table| self.schema.tables[table].name.to_string());
        let names = names.collect::<Vec<_>>().join(", ");
        match ops {
            [_] => format!("an operation on {names}"),
            many => format!("{} operations on {names}", many.len()),
        }
    }
}

/// Whether to look at the tables after an operation, which takes longer than the operation. What
/// is inserted is seldom anything else than what was written, and what changes nothing seldom
/// changes something.
fn pays(number: usize, op: &Op, start: &State, after: &State) -> bool {
    let every = match op {
        Op::Insert { .. } => 8,
        _ if start.same_rows(after) => 16,
        _ => 2,
    };
    number.is_multiple_of(every)
}

/// Any of these must be why it is refused.
pub(super) fn rejected(refusals: &Refusals) -> Expect {
    let constraints: BTreeSet<_> = refusals.iter().map(|refusal| &refusal.constraint).collect();
    let constraint = match constraints.into_iter().collect::<Vec<_>>().as_slice() {
        [only] if !only.is_empty() => Some((*only).clone()),
        _ => None,
    };
    let sqlstates: BTreeSet<_> = refusals.iter().map(|refusal| refusal.sqlstate.clone()).collect();
    Expect::Rejected { sqlstates: sqlstates.into_iter().collect(), constraint }
}
