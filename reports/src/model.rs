//! The words for results. These types are a contract: they are what `report.json` holds,
//! and fields are only ever added: readers pass over those they do not know.
//! `schema/report.json` says exactly what this version writes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::Gates;
use crate::index::Indexes;
use crate::load::Load;

/// The version of the JSON that this library writes. It rises only when a field changes
/// its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything that one run found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Report {
    /// The version of this format. It rises only when a field changes its meaning or goes away.
    pub schema_version: u32,
    /// Whether everything held.
    pub outcome: Outcome,
    /// What ran.
    pub tool: Tool,
    /// When the run began, in UTC as RFC 3339 has it.
    pub started_at: String,
    /// How long the run took from the first migration to the verdict, without the start
    /// of the server, in milliseconds.
    pub duration_ms: f64,
    /// What was tested.
    pub project: Project,
    /// The server it was tested on.
    pub server: Server,
    /// Every migration of the project, in the order in which they are applied.
    pub migrations: Vec<Migration>,
    /// The way from the head down to the base and up again.
    pub chain: Chain,
    /// What is wrong with the project, in the order of the migrations.
    pub findings: Vec<Finding>,
    /// How often each rule found something that the user allows; such findings are not listed.
    pub allowed: BTreeMap<String, usize>,
    /// What came of the promises of the schema; nothing if they were not tested.
    #[serde(default)]
    pub invariants: Option<Invariants>,
    /// How much of what can be changed in the schema is noticed by what is derived from it;
    /// nothing if that was not measured.
    #[serde(default)]
    pub strength: Option<Strength>,
    /// What was measured under load; nothing if nothing was.
    #[serde(default)]
    pub load: Option<Load>,
    /// What index strategies give and cost; nothing if none was tried.
    #[serde(default)]
    pub indexes: Option<Indexes>,
    /// Whether a release may go on; nothing if that was not asked.
    #[serde(default)]
    pub gates: Option<Gates>,
    /// What was to be done and what came of each, where one run does several things; then the
    /// fields above are those of all of them together.
    #[serde(default)]
    pub parts: Vec<Part>,
    /// The machine that this program ran on; nothing in reports of versions that did not look.
    #[serde(default)]
    pub environment: Option<Environment>,
}

/// One of several things that a run does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Part {
    /// The command that does it alone: `verify`, `invariants`, `pool`, `index`, `gate`.
    pub name: String,
    /// What came of it; nothing if it did not run.
    pub outcome: Option<Outcome>,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// Why it did not run or not to its end, if so, as a sentence.
    pub reason: Option<String>,
    /// Whether it did not run only since the budget was used up, which is no failure.
    #[serde(default)]
    pub late: bool,
    /// What the budget left out, and what it was made smaller by, a sentence each.
    pub left_out: Vec<String>,
}

/// The machine that this program ran on. Times of two machines say nothing of each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Environment {
    /// The operating system: `linux`.
    pub os: String,
    /// The architecture: `x86_64`.
    pub arch: String,
    /// What the processor calls itself, if it says so.
    pub processor: Option<String>,
    /// The processors that this program may use.
    pub processors: usize,
    /// The memory of the machine in bytes, if it says so.
    pub memory: Option<u64>,
    /// The mean number of waiting and running processes of the last minute, when the run began.
    pub load_average: Option<f64>,
}

/// The outcomes that a report can have; a job that could not be done at all has no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All held: exit code 0.
    Held,
    /// Nothing was found, but a part could not be tested: exit code 2.
    Incomplete,
    /// Something was found: exit code 1.
    Found,
}

/// The program that made the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Tool {
    /// Its name: `shakedown`.
    pub name: String,
    /// Its own version.
    pub version: String,
}

/// What was tested: migrations, or a database as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Project {
    /// The migration folder as the user gave it, or the name of the database.
    pub folder: String,
    /// The name of the migration format, as `--format` takes it; `database` for a database.
    pub format: String,
    /// How the format was found out, or nothing if the user named it.
    pub detected_by: Option<String>,
    /// The database whose clone the migrations were tested on, with its rows; nothing if it was an
    /// empty one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began_with: Option<BeganWith>,
}

/// A database of the user, of which a clone was tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct BeganWith {
    /// Its name.
    pub database: String,
    /// How many migrations it had, the first of the project. They were not tested.
    pub applied: usize,
}

/// The server that the migrations ran on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Server {
    /// As `SHOW server_version` says it: `16.14`.
    pub version: String,
    /// How it was come by: `container`, `embedded`, `local` or `url`.
    pub way: String,
    /// `fast` or `durable`; nothing for a server that the user runs.
    pub profile: Option<String>,
    /// The settings that Shakedown gave it beyond Postgres's defaults.
    pub settings: BTreeMap<String, String>,
}

/// One migration and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Migration {
    /// Its name as the format has it, unique in the project: `0003_add_mood`.
    pub id: String,
    /// What is known of it after the run.
    pub verdict: Verdict,
    /// Where the round trip ran; nothing if there was none.
    pub round_trip: Option<RoundTrip>,
    /// How long its scripts ran.
    pub timings: Timings,
}

/// What is known of a migration after the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[schemars(deny_unknown_fields)]
pub enum Verdict {
    /// Its down restored the catalog exactly, and its up gave the same catalog again.
    Reversible,
    /// It cannot be taken back, on purpose, for the declared reason.
    Irreversible {
        /// As the script or the configuration gives it.
        reason: String,
    },
    /// Its format only goes forward; its up was applied.
    ForwardOnly,
    /// There are findings about it.
    Flawed,
    /// There are findings about it, all of which the user allows.
    Allowed,
    /// It was applied, since later ones need it, but the user did not ask for its round trip.
    NotSelected,
    /// Its round trip could not be made, for this reason.
    Untested {
        /// What stood in the way.
        reason: String,
    },
    /// The run ended before it.
    NotReached,
}

/// Where down and up were tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoundTrip {
    /// In one transaction that was rolled back.
    Transaction,
    /// On a clone of the database, each script committed as its own runner does.
    Clone,
}

/// How long a migration's scripts ran on the (nearly) empty schema, in milliseconds.
/// A script that did not run to its end has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Timings {
    /// The first run of the up script.
    pub up_ms: Option<f64>,
    /// The run of the down script.
    pub down_ms: Option<f64>,
    /// The run of the up script after the down.
    pub reapply_ms: Option<f64>,
}

/// The way from the head to the base and back, every script committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[schemars(deny_unknown_fields)]
pub enum Chain {
    /// Every catalog on the way was as it should be.
    Restored {
        /// The migrations that were taken back and applied again, newest first.
        steps: usize,
        /// The migrations that have no way back, oldest first: the stretches between them
        /// were each gone on their own.
        stops: Vec<Stop>,
        /// The migrations of which this was not tried, and why.
        untried: Option<Untried>,
    },
    /// It did not end where it began.
    Broken {
        /// The migrations that were to be taken back and applied again.
        steps: usize,
        /// Whether it only broke on what the findings about single migrations tell already.
        told_by_steps: bool,
    },
    /// It was not tried, for this reason.
    NotRun {
        /// As the end of a sentence: `since there is nothing to take back`.
        reason: String,
    },
}

/// Stretches of the way that could not be gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Untried {
    /// How many migrations they have.
    pub steps: usize,
    /// Why they could not be gone.
    pub reason: String,
}

/// A migration that the way down does not cross.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Stop {
    /// The migration that was not taken back.
    pub migration: String,
    /// As the end of a sentence: `it is irreversible`.
    pub reason: String,
}

/// Something wrong with the user's project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Finding {
    /// The id of the rule: `down-leaves-trace`.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// The id of the migration it is about, if it is about one.
    pub migration: Option<String>,
    /// The file to look at first.
    pub file: String,
    /// The line in that file, counted from one, where one exists.
    pub line: Option<u32>,
    /// What is wrong, as one sentence.
    pub message: String,
    /// What to do about it, best as the SQL to add.
    pub help: Option<String>,
    /// SQL to be taken as it is; the help says where to. Of a migration, it was seen to restore
    /// what the finding tells; of a risk, it is the way out.
    #[serde(default)]
    pub mend: Option<String>,
    /// The id of the promise it is about, by which `shakedown.toml` allows it.
    #[serde(default)]
    pub promise: Option<String>,
    /// A script for psql that shows it on the same schema and leaves nothing behind.
    #[serde(default)]
    pub script: Option<String>,
    /// More about it, one line each: what Postgres said, what it means.
    pub notes: Vec<String>,
    /// The places in the scripts it speaks of, the first of them at `file` and `line`.
    pub places: Vec<Place>,
    /// The objects that are not as they were.
    pub changes: Vec<Change>,
}

/// How bad a finding is. Warnings and errors fail a run; the user may allow a rule.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It does what was declared, and that is a known trap. It fails no run unless the user
    /// asks for that, which makes it a warning.
    Risk,
    /// It works, but not as one would think.
    Warning,
    /// It does not do what it should.
    Error,
}

/// A piece of a script, with its text, so that a report can show it without the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Place {
    /// The script.
    pub file: String,
    /// The line on which `text` begins, counted from one.
    pub line: u32,
    /// Whole lines of the script.
    pub text: String,
    /// The byte in `text` at which the marked part begins.
    pub start: usize,
    /// The byte in `text` behind the marked part.
    pub end: usize,
    /// What the marked part has to do with the finding; may be empty.
    pub label: String,
}

/// One database object that differs from what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Change {
    /// Kind and qualified name: `index public.users_email_key`.
    pub object: String,
    /// In which way it differs.
    pub how: How,
    /// For `differs`: each part that differs, in Postgres's words.
    pub details: Vec<String>,
    /// The SQL that would make it as it was, where one is known.
    pub mend: Option<String>,
}

/// In which way an object differs from what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It was not there before.
    LeftBehind,
    /// It was there before and is no longer.
    Lost,
    /// It is there, but not as it was.
    Differs,
}

/// What the schema promises, and what came of trying it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Invariants {
    /// The digest of the catalog that was tested.
    pub schema: String,
    /// What all generated values come from: the same seed gives the same cases.
    pub seed: u64,
    /// How many cases were run.
    pub cases: usize,
    /// Every promise, in the order in which they were tried.
    pub promises: Vec<Promise>,
    /// The soft deletes that were found, which decide what counts as a live row.
    pub soft_deletes: Vec<SoftDelete>,
    /// What the time did not suffice for.
    pub not_reached: Vec<String>,
}

/// One thing that the schema promises.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Promise {
    /// The id of the invariant: `unique`.
    pub invariant: String,
    /// The table: `public.users`.
    pub table: String,
    /// What in the table it is about: `users_email_key`.
    pub object: String,
    /// What is promised, as a sentence without a full stop: `no two rows agree in email`.
    pub says: String,
    /// Whether it holds.
    pub verdict: Kept,
}

/// Whether a promise is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[schemars(deny_unknown_fields)]
pub enum Kept {
    /// Every case came out as it should.
    Holds {
        /// How many there were.
        cases: usize,
    },
    /// The database lets through what the schema says it does not, or refuses what it allows.
    Broken,
    /// It does what was declared, and that is a known trap.
    Risk,
    /// It is broken or a risk, and the user allows that.
    Allowed {
        /// As the configuration gives it.
        reason: String,
    },
    /// It could not be tried.
    Untested {
        /// As the end of a sentence: `the trigger users_guard refuses every row`.
        reason: String,
    },
    /// The invariant does not speak for this table, so that nothing was left undone.
    OutOfScope {
        /// As the end of a sentence: `it is a partitioned table`.
        reason: String,
    },
}

/// A column by which rows are marked as deleted instead of being removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SoftDelete {
    /// The table: `public.users`.
    pub table: String,
    /// The column: `deleted_at`.
    pub column: String,
    /// The condition under which a row is live: `deleted_at IS NULL`.
    pub live: String,
    /// How it is known, one fact each.
    pub because: Vec<String>,
}

/// What tests notice of a schema that is changed in one place at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Strength {
    /// The changed schemas, in the order in which they were made.
    pub mutants: Vec<Mutant>,
}

/// A schema with one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Mutant {
    /// The kind of change: `NNCR`, `fk-on-delete`.
    pub operator: String,
    /// Whether it is one of the thirteen kinds that published scores were measured with.
    pub published: bool,
    /// The table, view, type or sequence that is changed: `public.users`.
    pub table: String,
    /// What of it: a constraint, an index, a column, a trigger.
    pub object: String,
    /// What the change is: `drops NOT NULL of users.email`.
    pub says: String,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a changed schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[schemars(deny_unknown_fields)]
pub enum Fate {
    /// A case came out otherwise than on the schema as it is.
    Killed {
        /// The case, and how it came out.
        by: String,
    },
    /// Every case came out as before, though other rows are let in.
    Survived,
    /// It lets in the same rows, so that there is nothing to notice.
    Equivalent {
        /// How that is known.
        rule: String,
    },
    /// It comes to the same schema as an earlier one.
    Duplicate {
        /// What the earlier change is.
        of: String,
    },
    /// No row enters the table any more, so that anything notices it.
    Impaired,
    /// The server refuses to make the change.
    Stillborn {
        /// With this message.
        reason: String,
    },
}

impl Promise {
    /// The name by which findings and allowances know it.
    pub fn id(&self) -> String {
        format!("{}:{}:{}", self.invariant, self.table, self.object)
    }
}

impl Report {
    /// The number of findings of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// The JSON schema of [`Report`], as committed in `reports/schema/report.json`.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}
