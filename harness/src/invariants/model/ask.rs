//! Asks the server, thousands of questions in one call: values are stored in a temporary table
//! with the columns of the real one, and a query reads what became of them.

use std::collections::BTreeMap;

use super::facts::{Answer, Facts, Refusal};
use super::schema::{ColumnOf, Modelled, Schema, mentions};
use crate::catalog::quote_ident;
use crate::error::{Error, Result};
use crate::invariants::case::{Case, Group, Outcome};
use crate::invariants::runner::Runner;
use crate::values::literal;

const SCRATCH: &str = "pg_temp.shakedown_scratch";

/// Rows to store, and the expression to read then.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) table: usize,
    pub(super) columns: Vec<usize>,
    /// The values as SQL, in the order of `columns`.
    pub(super) rows: Vec<Vec<String>>,
    /// What is selected from all rows.
    pub(super) select: String,
}

impl Asked {
    /// Stores one value in a column and reads what became of it.
    pub(super) fn stored(table: usize, at: usize, column: &ColumnOf, value: String) -> Self {
        let name = quote_ident(&column.name);
        let select = format!("CASE WHEN num_nulls({name}) = 0 THEN format('%s', {name}) END");
        Self { table, columns: vec![at], rows: vec![vec![value]], select }
    }
}

/// What came of each.
///
/// # Errors
/// When the connection is lost, or a table may not be read.
pub(super) async fn ask(
    runner: &mut Runner<'_>,
    schema: &Schema,
    asked: &[Asked],
) -> Result<Vec<Result<Option<String>, Refusal>>> {
    let mut groups = BTreeMap::<(usize, Vec<usize>), Vec<usize>>::new();
    for (number, one) in asked.iter().enumerate() {
        let columns = scratch_columns(&schema.tables[one.table], &one.columns);
        groups.entry((one.table, columns)).or_default().push(number);
    }
    let shipped: Vec<Group> = groups
        .iter()
        .map(|((table, columns), numbers)| {
            let table = &schema.tables[*table];
            let cases = numbers.iter().map(|&number| case(table, columns, &asked[number]));
            let names = names(table, columns);
            let source = format!("SELECT {names} FROM {} WITH NO DATA", table.name);
            let setup = vec![format!("CREATE TEMP TABLE shakedown_scratch AS {source}")];
            Group { setup, cases: cases.collect() }
        })
        .collect();
    let outcomes = runner.run(&shipped).await?;
    let mut answers: Vec<_> = asked.iter().map(|_| Ok(None)).collect();
    for (((table, _), numbers), outcomes) in groups.iter().zip(outcomes) {
        for (number, outcome) in numbers.iter().zip(outcomes) {
            answers[*number] = match outcome {
                Outcome::Yielded(text) => Ok(text),
                Outcome::Rejected(by) => Err(Refusal::new(&by.sqlstate, &by.constraint)),
                Outcome::Accepted | Outcome::Steps(_) => Ok(None),
                Outcome::Unreachable(by) => {
                    return Err(unreadable(&schema.tables[*table], &by.message));
                }
            };
        }
    }
    Ok(answers)
}

fn unreadable(table: &Modelled, message: &str) -> Error {
    Error::new(format!("values of `{}` cannot be tried: {message}", table.name))
        .hint(format!("GRANT SELECT ON {} TO the user of the connection", table.name))
}

/// The columns of the temporary table: those that are needed, and all that may be left out.
fn scratch_columns(table: &Modelled, needed: &[usize]) -> Vec<usize> {
    let kept = |at: &usize| {
        let column = &table.columns[*at];
        needed.contains(at) || !column.guarded && column.generated.is_none()
    };
    (0..table.columns.len()).filter(kept).collect()
}

fn names(table: &Modelled, columns: &[usize]) -> String {
    let names: Vec<_> = columns.iter().map(|&at| quote_ident(&table.columns[at].name)).collect();
    names.join(", ")
}

fn case(table: &Modelled, scratch: &[usize], asked: &Asked) -> Case {
    let rows: Vec<_> = asked.rows.iter().map(|row| format!("({})", row.join(", "))).collect();
    let stored = if asked.columns.is_empty() {
        format!("INSERT INTO {SCRATCH} DEFAULT VALUES")
    } else {
        let columns = names(table, &asked.columns);
        format!("INSERT INTO {SCRATCH} ({columns}) VALUES {}", rows.join(", "))
    };
    let generated = table.columns.iter().filter_map(|column| {
        let expression = column.generated.as_ref()?;
        let wanted = mentions(&asked.select, &column.name);
        wanted.then(|| format!("({expression}) AS {}", quote_ident(&column.name)))
    });
    let mut columns: Vec<_> =
        scratch.iter().map(|&at| quote_ident(&table.columns[at].name)).collect();
    columns.extend(generated);
    // Under the name of the table, since a condition may be about the row as a whole.
    let source = format!(
        "(SELECT {} FROM {SCRATCH}) AS {}",
        columns.join(", "),
        quote_ident(&table.name.name)
    );
    let read = format!("SELECT {} FROM {source}", asked.select);
    Case::yields("", vec![stored, read], "")
}

impl Facts {
    /// Asks what came up without an answer; says whether there was anything.
    ///
    /// # Errors
    /// When the connection is lost.
    pub(super) async fn ask_missing(
        &mut self,
        runner: &mut Runner<'_>,
        schema: &Schema,
    ) -> Result<bool> {
        let missing = self.take_missing();
        let asked: Vec<_> = missing
            .iter()
            .map(|(question, values)| {
                let question = &schema.questions[*question];
                let row = values.iter().map(|value| literal(&self.text(*value).map(str::to_owned)));
                Asked {
                    table: question.table,
                    columns: question.columns.clone(),
                    rows: vec![row.collect()],
                    select: format!("({})::text", question.expression),
                }
            })
            .collect();
        let answers = ask(runner, schema, &asked).await?;
        let any = !missing.is_empty();
        for ((question, values), answer) in missing.into_iter().zip(answers) {
            let answer = match answer {
                Ok(text) => self.answer_of(text),
                Err(refusal) => Answer::Refused(refusal),
            };
            self.learn_answer(question, values, answer);
        }
        Ok(any)
    }
}
