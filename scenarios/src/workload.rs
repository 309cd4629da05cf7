//! The words for workloads: a scenario is a weighted mix of operations, and an operation is a
//! script. Every source of scenarios (built in, files, configuration, derived from a catalog)
//! writes scripts as pgbench has them; `script` reads them into these types.

use std::sync::Arc;

/// A named mix of operations.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its name: `working-day`.
    pub name: String,
    /// Where it comes from, as the end of a sentence: `built in`, `derived from the catalog`.
    pub origin: String,
    /// What is done; at least one has a weight above zero.
    pub operations: Vec<Operation>,
}

/// Something that users do: a script that is run from its first step to its last.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Its name: `sign-in`.
    pub name: String,
    /// How often it is done, in relation to the other operations of its scenario.
    pub weight: u32,
    /// The script as it was written.
    pub text: String,
    /// Where the script stands, for messages: a file, or what takes the place of one.
    pub file: String,
    /// How often a transaction is tried that fails with 40001 or 40P01; 1 tries it once.
    pub tries: u32,
    /// The variables, by their slot. Slot 0 is `client_id`, slot 1 is `random_seed`, slot 2 is
    /// `default_seed`, slot 3 is `scale`, as pgbench predefines them.
    pub variables: Vec<String>,
    /// The existing rows that its keys come from, drawn once for each operation.
    pub picks: Vec<Pick>,
    /// What is done, in order.
    pub steps: Vec<Step>,
}

/// The variables that every script has, in the order of their slots.
pub const PREDEFINED: [&str; 4] = ["client_id", "random_seed", "default_seed", "scale"];

/// A row that exists, of which an operation uses one or several columns. All `key()` of one
/// table, order and number in one operation speak of the same row.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick {
    /// The table as the script writes it: `users`, `public.users`.
    pub table: String,
    /// The columns that are used, as the script writes them.
    pub columns: Vec<String>,
    /// How the row is chosen.
    pub how: Choice,
    /// Tells apart several rows of one table in one operation.
    pub number: u32,
}

/// How an existing row is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Choice {
    /// Each as often as any other.
    Uniform,
    /// Few of them most of the time: the k-th with a probability proportional to k^-s.
    Zipf(f64),
    /// One of the newest hundredth, at least one of the newest ten.
    Newest,
}

/// A step of a script.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its line in the file, counted from one.
    pub line: u32,
    pub action: Action,
}

/// What a step does. Conditions and loops are jumps, so that a place in a script is a number.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Gives a variable a value: `\set`.
    Set { slot: usize, value: Expression },
    /// Runs a statement.
    Sql(Sql),
    /// Writes rows by `COPY ... FROM STDIN`: `\copy 100 items (owner_id, title) values (...)`.
    /// Each expression is evaluated anew for each row.
    Copy { statement: Arc<str>, rows: u32, columns: Vec<Expression> },
    /// Does nothing for as many nanoseconds as the expression times `unit`: `\sleep`.
    Sleep { time: Expression, unit: u64 },
    /// Goes to another step, counted from zero, unless the condition is true: `\if`, `\elif`.
    JumpUnless { condition: Expression, to: usize },
    /// Goes to another step: before `\elif`, `\else`, and at the end of `\repeat`.
    Jump(usize),
}

/// A statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sql {
    /// The statement with its arguments as `$1`, `$2` ..., without a closing semicolon.
    pub text: Arc<str>,
    /// The slots of its arguments.
    pub arguments: Vec<usize>,
    /// What it is to a transaction.
    pub role: Role,
    /// Whether the columns of its only row become variables, named with this prefix: `\gset`.
    pub results: Option<String>,
}

/// What a statement is to a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It begins one.
    Begin,
    /// It ends one.
    End,
    /// Neither.
    Plain,
}

/// A value of a variable, as pgbench has them.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Double(f64),
    Text(Arc<str>),
}

/// Something that has a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    Constant(Value),
    Variable(usize),
    Call {
        function: Function,
        arguments: Vec<Expression>,
    },
    /// `CASE WHEN condition THEN value ... ELSE otherwise END`.
    Case {
        branches: Vec<(Expression, Expression)>,
        otherwise: Box<Expression>,
    },
    /// A column of an existing row: `key(users.id)`, `key(users.id, zipf)`.
    Key {
        pick: usize,
        column: usize,
    },
    /// A made value: `fake(email)`.
    Fake(Fake),
}

/// The functions and operators of pgbench's expressions, by its own names where it has some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Negate,
    Not,
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    /// `IS value`: as `=`, but null is equal to null.
    Is,
    BitNot,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Abs,
    Debug,
    Double,
    Exp,
    Greatest,
    HashFnv1a,
    HashMurmur2,
    Int,
    Least,
    Ln,
    Permute,
    Pi,
    Power,
    Random,
    RandomExponential,
    RandomGaussian,
    RandomZipfian,
    Sqrt,
}

/// The kinds of made values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fake {
    Name,
    Email,
    Username,
    Word,
    Title,
    Sentence,
    Paragraph,
    Company,
    City,
    Street,
    Phone,
    Url,
    Uuid,
}

impl Scenario {
    /// The part of all operations that this one makes up, from 0 to 1.
    pub fn share(&self, operation: &Operation) -> f64 {
        let all: u32 = self.operations.iter().map(|operation| operation.weight).sum();
        f64::from(operation.weight) / f64::from(all.max(1))
    }
}
