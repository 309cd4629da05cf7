//! The words for workloads.

/// A named mix of operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    pub name: &'static str,
    /// One line on who does this.
    pub summary: &'static str,
    pub operations: &'static [Operation],
}

/// Something that users do, as one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub name: &'static str,
    /// How often it is done, in relation to the other operations of its scenario.
    pub weight: u32,
    /// The statement, with its arguments as `$1`, `$2` ...
    pub sql: &'static str,
}

impl Scenario {
    /// The part of all operations that this one makes up, from 0 to 1.
    pub fn share(&self, operation: &Operation) -> f64 {
        let all: u32 = self.operations.iter().map(|operation| operation.weight).sum();
        f64::from(operation.weight) / f64::from(all.max(1))
    }
}
