//! Metacommands: what stands behind a backslash.

use super::Wrong;
use super::expression::{read, read_list};
use super::lines::End;
use super::names::Names;
use super::sql;
use crate::workload::{Action, Expression, Function, Step, Value};

/// Reads the pieces of a script one after the other.
#[derive(Debug)]
pub(super) struct Reader {
    names: Names,
    steps: Vec<Step>,
    open: Vec<Open>,
}

/// What was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) names: Names,
    pub(super) steps: Vec<Step>,
}

/// A block that has not ended yet.
#[derive(Debug)]
enum Open {
    If {
        line: u32,
        /// The step that jumps if the condition of the branch does not hold.
        branch: Option<usize>,
        /// The steps that jump to the end, from the ends of branches.
        ends: Vec<usize>,
    },
    Repeat {
        line: u32,
        counter: usize,
        from: usize,
    },
}

type Result<T> = std::result::Result<T, Wrong>;

fn wrong<T>(what: impl Into<String>, hint: &str) -> Result<T> {
    Err(Wrong { what: what.into(), hint: Some(hint.to_owned()) })
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { names: Names::new(), steps: Vec::new(), open: Vec::new() }
    }

    pub(super) fn statement(&mut self, line: u32, text: &str, end: End<'_>) -> Result<()> {
        let results = match end {
            End::Semicolon => None,
            End::Gset(prefix) => {
                self.names.prefixes.push(prefix.to_owned());
                Some(prefix.to_owned())
            }
        };
        let sql = sql::read(text, results, &mut self.names);
        self.push(line, Action::Sql(sql));
        Ok(())
    }

    pub(super) fn meta(&mut self, line: u32, text: &str) -> Result<()> {
        let (command, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        match command {
            "set" => self.set(line, rest),
            "sleep" => self.sleep(line, rest),
            "if" => {
                let branch = self.jump_unless(line, rest, "if")?;
                self.open.push(Open::If { line, branch: Some(branch), ends: Vec::new() });
                Ok(())
            }
            "elif" => self.branch(line, Some(rest)),
            "else" => self.branch(line, None),
            "endif" => self.endif(),
            "repeat" => self.repeat(line, rest),
            "endrepeat" => self.endrepeat(line),
            "copy" => self.copy(line, rest),
            "gset" => wrong(
                "`\\gset` has no statement before it",
                "write it behind the statement, in place of its semicolon",
            ),
            "aset" => wrong("`\\aset` is not supported", "give each statement its own `\\gset`"),
            "setshell" | "shell" => wrong(
                format!(
                    "`\\{command}` is not supported, since a load runs no commands of the system"
                ),
                "compute the value with `\\set`, or take it from a row with `key(table.column)`",
            ),
            "startpipeline" | "endpipeline" | "syncpipeline" => wrong(
                format!("`\\{command}` is not supported, since the driver has no pipelines"),
                "leave it out: the statements are then sent one after the other",
            ),
            _ => wrong(
                format!("there is no command `\\{command}`"),
                "the commands are \\set, \\sleep, \\if, \\elif, \\else, \\endif, \\gset, \\repeat, \\endrepeat and \\copy",
            ),
        }
    }

    /// The steps, with every block closed and every variable known.
    pub(super) fn finish(self) -> std::result::Result<Read, (u32, Wrong)> {
        if let Some(open) = self.open.last() {
            let (line, end) = match open {
                Open::If { line, .. } => (*line, "`\\if` is without `\\endif`"),
                Open::Repeat { line, .. } => (*line, "`\\repeat` is without `\\endrepeat`"),
            };
            return Err((line, end.to_owned().into()));
        }
        if let Some(name) = self.names.unknown() {
            let slot = self.names.variables.iter().position(|known| known == name);
            let uses = |step: &&Step| match &step.action {
                Action::Sql(sql) => sql.arguments.iter().any(|argument| Some(*argument) == slot),
                _ => false,
            };
            let line = self.steps.iter().find(uses).map_or(1, |step| step.line);
            let what = format!("nothing gives the variable `:{name}` a value");
            let hint = Some(format!("write `\\set {name} ...` before it"));
            return Err((line, Wrong { what, hint }));
        }
        Ok(Read { names: self.names, steps: self.steps })
    }

    fn push(&mut self, line: u32, action: Action) -> usize {
        self.steps.push(Step { line, action });
        self.steps.len() - 1
    }

    fn set(&mut self, line: u32, rest: &str) -> Result<()> {
        let Some((name, text)) = rest.split_once(char::is_whitespace) else {
            return wrong(
                "`\\set` takes a name and an expression",
                "write `\\set id random(1, 100)`",
            );
        };
        if !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return wrong(
                format!("`{name}` is no name of a variable"),
                "take letters, digits and underscores",
            );
        }
        let value = read(text, &mut self.names)?;
        let slot = self.names.given(name);
        self.push(line, Action::Set { slot, value });
        Ok(())
    }

    fn sleep(&mut self, line: u32, rest: &str) -> Result<()> {
        let mut words = rest.split_whitespace();
        let first = words.next().unwrap_or("");
        // The unit may touch its number: `\sleep 10ms`.
        let digits = first.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(first.len());
        let split = if first.starts_with(':') { first.len() } else { digits };
        let (number, touching) = first.split_at(split);
        let unit = if touching.is_empty() { words.next().unwrap_or("s") } else { touching };
        let unit = match unit.to_ascii_lowercase().as_str() {
            "us" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            _ => return wrong(format!("`{unit}` is no unit of `\\sleep`"), "take us, ms or s"),
        };
        if number.is_empty() || words.next().is_some() {
            return wrong("`\\sleep` takes a number and a unit", "write `\\sleep 10 ms`");
        }
        let time = read(number, &mut self.names)?;
        self.push(line, Action::Sleep { time, unit });
        Ok(())
    }

    fn jump_unless(&mut self, line: u32, text: &str, what: &str) -> Result<usize> {
        if text.is_empty() {
            return wrong(format!("`\\{what}` takes a condition"), "write `\\if :n > 10`");
        }
        let condition = read(text, &mut self.names)?;
        Ok(self.push(line, Action::JumpUnless { condition, to: 0 }))
    }

    /// `\elif` with its condition, or `\else`.
    fn branch(&mut self, line: u32, condition: Option<&str>) -> Result<()> {
        let what = if condition.is_some() { "elif" } else { "else" };
        let end = self.push(line, Action::Jump(0));
        let here = self.steps.len();
        let Some(Open::If { branch: last @ Some(_), ends, .. }) = self.open.last_mut() else {
            return wrong(
                format!("`\\{what}` is without `\\if`"),
                "write `\\if` before it, and one `\\else` at most",
            );
        };
        ends.push(end);
        let failed = last.take();
        self.land(failed, here);
        if let Some(condition) = condition {
            let jump = self.jump_unless(line, condition, what)?;
            if let Some(Open::If { branch, .. }) = self.open.last_mut() {
                *branch = Some(jump);
            }
        }
        Ok(())
    }

    fn endif(&mut self) -> Result<()> {
        let Some(Open::If { branch, ends, .. }) =
            self.open.pop_if(|open| matches!(open, Open::If { .. }))
        else {
            return wrong("`\\endif` is without `\\if`", "write `\\if` before it");
        };
        let here = self.steps.len();
        for jump in branch.into_iter().chain(ends) {
            self.land(Some(jump), here);
        }
        Ok(())
    }

    /// Lets a jump end at a step.
    fn land(&mut self, jump: Option<usize>, at: usize) {
        if let Some(Step { action: Action::JumpUnless { to, .. } | Action::Jump(to), .. }) =
            jump.and_then(|jump| self.steps.get_mut(jump))
        {
            *to = at;
        }
    }

    fn repeat(&mut self, line: u32, text: &str) -> Result<()> {
        if text.is_empty() {
            return wrong("`\\repeat` takes a number", "write `\\repeat 10`");
        }
        let times = read(text, &mut self.names)?;
        let counter = self.names.hidden();
        self.push(line, Action::Set { slot: counter, value: times });
        let more = Expression::Call {
            function: Function::Less,
            arguments: vec![Expression::Constant(Value::Integer(0)), Expression::Variable(counter)],
        };
        let from = self.push(line, Action::JumpUnless { condition: more, to: 0 });
        self.open.push(Open::Repeat { line, counter, from });
        Ok(())
    }

    fn endrepeat(&mut self, line: u32) -> Result<()> {
        let Some(Open::Repeat { counter, from, .. }) =
            self.open.pop_if(|open| matches!(open, Open::Repeat { .. }))
        else {
            return wrong("`\\endrepeat` is without `\\repeat`", "write `\\repeat 10` before it");
        };
        let less = Expression::Call {
            function: Function::Subtract,
            arguments: vec![Expression::Variable(counter), Expression::Constant(Value::Integer(1))],
        };
        self.push(line, Action::Set { slot: counter, value: less });
        let back = self.push(line, Action::Jump(from));
        self.land(Some(from), back + 1);
        Ok(())
    }

    /// `\copy 100 items (owner_id, title) values (key(users.id), fake(title))`
    fn copy(&mut self, line: u32, rest: &str) -> Result<()> {
        const FORM: &str =
            "write `\\copy 100 items (owner_id, title) values (key(users.id), fake(title))`";
        let lower = rest.to_ascii_lowercase();
        let parts = lower.find("values").and_then(|at| {
            let (rows, target) = rest[..at].trim().split_once(char::is_whitespace)?;
            let values = rest[at + "values".len()..].trim();
            let values = values.strip_prefix('(')?.strip_suffix(')')?;
            Some((rows.parse().ok()?, target.trim(), values))
        });
        let Some((rows, target, values)) = parts else {
            return wrong(
                "`\\copy` takes a number of rows, a table with its columns, and values",
                FORM,
            );
        };
        let columns = read_list(values, &mut self.names)?;
        let statement = format!("COPY {target} FROM STDIN").into();
        self.push(line, Action::Copy { statement, rows, columns });
        Ok(())
    }
}
