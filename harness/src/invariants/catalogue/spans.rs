//! What the invariants about exclusions share: rows whose spans overlap, touch, or are of
//! different groups.

use crate::catalog::{Constraint, ConstraintKind};
use crate::invariants::context::Context;
use crate::invariants::context::entries::{POINTS, between, point};
use crate::invariants::context::prefer::{Cells, alike};
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::Shape;
use crate::values::types::Base;

/// An exclusion of overlapping spans, perhaps within groups.
pub(super) struct Exclusion<'a> {
    pub shape: &'a Shape,
    pub constraint: &'a Constraint,
    span: Span,
    /// The columns that must be equal for two rows to be in each other's way.
    pub group: Vec<&'a str>,
    /// Whether spans that only touch overlap.
    pub closed: bool,
}

/// Where a row has its span.
enum Span {
    Column(String),
    /// A range that is made of two columns.
    Ends(String, String),
}

/// The exclusions of all tables by `&&` over one span, with groups by `=` over columns.
pub(super) fn all(context: &Context) -> impl Iterator<Item = Exclusion<'_>> {
    context.shapes().flat_map(|shape| {
        let all = shape.table.constraints.iter();
        let own = all.filter(|found| found.kind == ConstraintKind::Exclusion && !found.deferrable);
        own.filter_map(move |constraint| exclusion(shape, constraint))
    })
}

fn exclusion<'a>(shape: &'a Shape, constraint: &'a Constraint) -> Option<Exclusion<'a>> {
    let elements: Vec<(&'a str, &'a str)> = constraint
        .columns
        .iter()
        .map(String::as_str)
        .zip(constraint.operators.iter().map(String::as_str))
        .collect();
    let mut spans = elements.iter().filter(|(_, operator)| *operator == "&&");
    let (Some((element, _)), None) = (spans.next(), spans.next()) else { return None };
    let mut others = elements.iter().filter(|(_, operator)| *operator != "&&");
    if !others.all(|(element, operator)| *operator == "=" && shape.column(element).is_some()) {
        return None;
    }
    let group = elements.iter().filter(|(_, operator)| *operator == "=").map(|(name, _)| *name);
    let (span, closed) = span(shape, element)?;
    Some(Exclusion { shape, constraint, span, group: group.collect(), closed })
}

fn span(shape: &Shape, element: &str) -> Option<(Span, bool)> {
    if let Some((column, resolved)) = shape.column(element) {
        let known =
            matches!(&resolved.base, Base::Range(subtype, false) if point(subtype, 0).is_some());
        return known.then(|| (Span::Column(column.name.clone()), false));
    }
    let (function, arguments) = element.trim_matches(['(', ')']).split_once('(')?;
    if !function.ends_with("range") {
        return None;
    }
    let arguments: Vec<&str> = arguments.trim_end_matches(')').split(',').map(str::trim).collect();
    let bare = |text: &str| text.trim_matches('"').to_owned();
    let (from, to, bounds) = match arguments.as_slice() {
        [from, to] => (bare(from), bare(to), "[)"),
        [from, to, bounds] => (bare(from), bare(to), *bounds),
        _ => return None,
    };
    let closed = bounds.contains("[]");
    let known = |name: &str| shape.column(name).is_some_and(|(_, r)| point(&r.base, 0).is_some());
    let usual = closed || bounds.contains("[)");
    (usual && known(&from) && known(&to)).then_some((Span::Ends(from, to), closed))
}

impl Exclusion<'_> {
    /// The columns of the span.
    pub(super) fn columns(&self) -> Vec<&str> {
        match &self.span {
            Span::Column(column) => vec![column],
            Span::Ends(from, to) => vec![from, to],
        }
    }

    /// The column that holds a whole range.
    pub(super) fn range(&self) -> Option<&str> {
        match &self.span {
            Span::Column(column) => Some(column),
            Span::Ends(..) => None,
        }
    }

    /// The first span, one that overlaps it, and one that touches it.
    pub(super) fn spans(&self) -> Option<[Cells; 3]> {
        let cells = |at: usize| -> Option<Cells> {
            let (from, to) = POINTS[at];
            Some(match &self.span {
                Span::Column(column) => {
                    let (_, resolved) = self.shape.column(column)?;
                    let Base::Range(subtype, _) = &resolved.base else { return None };
                    Cells::from([(column.clone(), between(subtype, from, to))])
                }
                Span::Ends(first, last) => Cells::from([
                    (first.clone(), point(&self.shape.column(first)?.1.base, from)),
                    (last.clone(), point(&self.shape.column(last)?.1.base, to)),
                ]),
            })
        };
        Some([cells(0)?, cells(1)?, cells(2)?])
    }

    /// The values by which its condition counts rows; each is one way.
    pub(super) fn counted(&self, context: &Context) -> Vec<Cells> {
        let entries = context.entries(self.shape.name(), &self.constraint.name);
        if entries.is_empty() {
            return vec![Cells::new()];
        }
        let own = self.columns();
        let free = |cells: &Cells| !own.iter().any(|column| cells.contains_key(*column));
        entries.iter().filter(|e| e.counts && free(&e.cells)).map(|e| e.cells.clone()).collect()
    }

    /// A row with this span that is in force, with a value for its group.
    pub(super) fn first(&self, context: &Context, span: &Cells) -> Option<Row> {
        self.counted(context).into_iter().find_map(|mut fixed| {
            fixed.extend(span.clone());
            let row = context.full(self.shape.name(), 0, &fixed)?;
            self.group.iter().all(|column| row.text(column).is_some()).then_some(row)
        })
    }

    /// A row with this span in the group of another one.
    pub(super) fn beside(&self, context: &Context, one: &Row, span: &Cells) -> Option<Row> {
        let mut fixed = self.in_force(context, one);
        fixed.extend(super::keys::cells(one, &self.group));
        fixed.extend(span.clone());
        context.unlike(one, &fixed)
    }

    /// A row with this span that differs in its group.
    pub(super) fn elsewhere(&self, context: &Context, one: &Row, span: &Cells) -> Option<Row> {
        let mut fixed = self.in_force(context, one);
        fixed.extend(span.clone());
        let row = context.unlike(one, &fixed)?;
        let differs = |column: &&&str| {
            one.cells.get(**column).is_some_and(|value| !alike(value, row.cells.get(**column)))
        };
        self.group.iter().any(|column| differs(&column)).then_some(row)
    }

    fn in_force(&self, context: &Context, one: &Row) -> Cells {
        let entries = context.entries(self.shape.name(), &self.constraint.name);
        let columns: Vec<&str> =
            entries.first().map_or_else(Vec::new, |e| e.cells.keys().map(String::as_str).collect());
        super::keys::cells(one, &columns)
    }
}
