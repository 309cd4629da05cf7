//! The variables and picked rows of a script while it is read.

use crate::workload::{Choice, PREDEFINED, Pick};

/// The slot of the seed that hashes take if none is given.
pub(super) const DEFAULT_SEED: usize = 2;

/// The variables of a script by slot, and what is known of them.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) variables: Vec<String>,
    /// Whether something gives the variable a value.
    set: Vec<bool>,
    pub(super) picks: Vec<Pick>,
    /// The prefixes of `\gset`, whose columns are only known to the server.
    pub(super) prefixes: Vec<String>,
}

impl Names {
    pub(super) fn new() -> Self {
        let variables: Vec<String> = PREDEFINED.iter().map(|name| (*name).to_owned()).collect();
        Self {
            set: vec![true; variables.len()],
            variables,
            picks: Vec::new(),
            prefixes: Vec::new(),
        }
    }

    /// The slot of a variable that is used.
    pub(super) fn used(&mut self, name: &str) -> usize {
        if let Some(slot) = self.variables.iter().position(|known| known == name) {
            return slot;
        }
        self.variables.push(name.to_owned());
        self.set.push(false);
        self.variables.len() - 1
    }

    /// The slot of a variable that gets a value.
    pub(super) fn given(&mut self, name: &str) -> usize {
        let slot = self.used(name);
        self.set[slot] = true;
        slot
    }

    /// The slot of a variable that no script can name.
    pub(super) fn hidden(&mut self) -> usize {
        self.given(&format!("repeat {}", self.variables.len()))
    }

    /// A variable that nothing gives a value.
    pub(super) fn unknown(&self) -> Option<&str> {
        let unset = |(slot, name): (usize, &String)| {
            !self.set[slot] && !self.prefixes.iter().any(|prefix| name.starts_with(prefix))
        };
        let mut all = self.variables.iter().enumerate();
        all.find(|(slot, name)| unset((*slot, name))).map(|(_, name)| name.as_str())
    }

    /// The place of a column of a picked row.
    pub(super) fn key(
        &mut self,
        table: &str,
        column: &str,
        how: Choice,
        number: u32,
    ) -> (usize, usize) {
        let same = |pick: &Pick| pick.table == table && pick.how == how && pick.number == number;
        let pick = self.picks.iter().position(same).unwrap_or_else(|| {
            self.picks.push(Pick { table: table.to_owned(), columns: Vec::new(), how, number });
            self.picks.len() - 1
        });
        let columns = &mut self.picks[pick].columns;
        let at = columns.iter().position(|known| known == column).unwrap_or_else(|| {
            columns.push(column.to_owned());
            columns.len() - 1
        });
        (pick, at)
    }
}
