//! Which tables are driven, where there are more than anybody can read the figures of.

use std::cmp::Reverse;

use super::draft::{Drafts, Kind};

/// About so many operations can still be told apart in a report.
const MOST: usize = 60;

/// So many lookups and lists of a table are kept where there are too many operations, so that a
/// table with ten foreign keys does not take the place of others.
const OF_ONE: usize = 2;

/// The tables that hang together most, in their order, and a sentence on the others if there are
/// some.
pub(super) fn take<'s, 'a>(mut all: Vec<Drafts<'s, 'a>>) -> (Vec<Drafts<'s, 'a>>, Option<String>) {
    if all.iter().map(|one| one.drafts.len()).sum::<usize>() <= MOST {
        return (all, None);
    }
    all.retain(|one| !one.drafts.is_empty());
    all.iter_mut().for_each(shorten);
    let mut by_degree: Vec<usize> = (0..all.len()).collect();
    by_degree.sort_by_key(|at| Reverse(all[*at].source.degree()));
    let (mut taken, mut operations) = (vec![false; all.len()], 0);
    for at in by_degree {
        let more = all[at].drafts.len();
        if operations + more <= MOST {
            operations += more;
            taken[at] = true;
        }
    }
    let (of, others) = (all.len(), taken.iter().filter(|taken| !**taken).count());
    let told = format!(
        "of {of} tables {others} with few foreign keys are not driven, and of each other one at \
         most {OF_ONE} lookups and {OF_ONE} lists are done, since more than {MOST} operations are \
         more than one can compare"
    );
    let both = all.into_iter().zip(taken);
    (both.filter_map(|(one, taken)| taken.then_some(one)).collect(), Some(told))
}

fn shorten(one: &mut Drafts<'_, '_>) {
    let (mut lookups, mut lists) = (0, 0);
    one.drafts.retain(|draft| {
        let seen = match draft.kind {
            Kind::Lookup => &mut lookups,
            Kind::List => &mut lists,
            Kind::Insert | Kind::Update | Kind::Delete => return true,
        };
        *seen += 1;
        *seen <= OF_ONE
    });
}
