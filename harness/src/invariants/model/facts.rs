//! What only the server can tell of the values that rows are made of: what a column makes of
//! them, which of them are equal, and what conditions come to.

use std::collections::{HashMap, HashSet};

/// A value, by number. Two values of the same type with the same text have the same number.
pub(super) type Val = u32;
pub(super) const NULL: Val = 0;
/// Something that is not null and that nothing depends on.
pub(super) const UNKNOWN: Val = 1;
/// From here on, values that no other row has.
pub(super) const FRESH: Val = 1 << 31;

/// Why a statement is refused: the SQLSTATE, and the constraint or index if one is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Refusal {
    pub(super) sqlstate: String,
    pub(super) constraint: String,
}

impl Refusal {
    pub(super) fn new(sqlstate: &str, constraint: &str) -> Self {
        Self { sqlstate: sqlstate.to_owned(), constraint: constraint.to_owned() }
    }
}

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Null,
    True,
    False,
    /// Another text, by number.
    Is(u32),
    /// It cannot be computed.
    Refused(Refusal),
}

/// All that is known so far.
#[derive(Debug, Default)]
pub(super) struct Facts {
    texts: Vec<String>,
    classes: Vec<Val>,
    numbers: HashMap<(usize, String), Val>,
    /// What a column makes of a text, by table and column.
    stored: HashMap<(usize, usize), HashMap<String, Result<Val, Refusal>>>,
    /// What comes of storing NULL where a domain forbids it.
    null_refused: HashMap<(usize, usize), Refusal>,
    answers: HashMap<usize, HashMap<Vec<Val>, Answer>>,
    words: HashMap<String, u32>,
    missing: HashSet<(usize, Vec<Val>)>,
}

impl Facts {
    /// The number of a text among the values of one space: columns that are compared with each
    /// other.
    pub(super) fn number(&mut self, space: usize, text: &str) -> Val {
        if let Some(known) = self.numbers.get(&(space, text.to_owned())) {
            return *known;
        }
        // The first numbers are those of NULL and of what is not known.
        let first = [String::new(), String::new()];
        if self.texts.is_empty() {
            self.texts.extend(first);
            self.classes.extend([NULL, UNKNOWN]);
        }
        let number = Val::try_from(self.texts.len()).unwrap_or(UNKNOWN);
        self.texts.push(text.to_owned());
        self.classes.push(number);
        self.numbers.insert((space, text.to_owned()), number);
        number
    }

    /// The text of a value; none of NULL and of values that are not known.
    pub(super) fn text(&self, value: Val) -> Option<&str> {
        let known = value > UNKNOWN && value < FRESH;
        self.texts.get(value as usize).filter(|_| known).map(String::as_str)
    }

    /// The number that all values share which are equal to this one.
    pub(super) fn class(&self, value: Val) -> Val {
        self.classes.get(value as usize).copied().unwrap_or(value)
    }

    /// Says that these values are equal.
    pub(super) fn equate(&mut self, values: &[Val]) {
        let Some(first) = values.iter().min().copied() else { return };
        for value in values {
            if let Some(class) = self.classes.get_mut(*value as usize) {
                *class = first;
            }
        }
    }

    /// What a column makes of a value that stands in another column.
    pub(super) fn cast(&self, table: usize, column: usize, value: Val) -> Result<Val, Refusal> {
        if value == NULL {
            return self.null_refused.get(&(table, column)).cloned().map_or(Ok(NULL), Err);
        }
        let known = self.text(value).and_then(|text| self.stored(table, column, text));
        known.cloned().unwrap_or(Ok(value))
    }

    /// What a column makes of a text, if that was asked.
    pub(super) fn stored(
        &self,
        table: usize,
        column: usize,
        text: &str,
    ) -> Option<&Result<Val, Refusal>> {
        self.stored.get(&(table, column))?.get(text)
    }

    /// The texts of all values that a column can come to hold, sorted.
    pub(super) fn held(&self, table: usize, column: usize) -> Vec<&str> {
        let stored = self.stored.get(&(table, column)).into_iter().flat_map(HashMap::values);
        let values = stored.filter_map(|value| value.as_ref().ok());
        let mut texts: Vec<_> = values.filter_map(|value| self.text(*value)).collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    }

    pub(super) fn learn_stored(
        &mut self,
        at: (usize, usize),
        text: &str,
        to: Result<Val, Refusal>,
    ) {
        self.stored.entry(at).or_default().insert(text.to_owned(), to);
    }

    pub(super) fn learn_null_refused(&mut self, at: (usize, usize), refusal: Refusal) {
        self.null_refused.insert(at, refusal);
    }

    /// The answer to a question about a row with these values. Where it is not known yet, it is
    /// noted as missing, and any will do: what is predicted from it has to be predicted again.
    pub(super) fn answer(&mut self, question: usize, values: Vec<Val>) -> Answer {
        if let Some(answer) = self.answers.get(&question).and_then(|known| known.get(&values)) {
            return answer.clone();
        }
        self.missing.insert((question, values));
        Answer::True
    }

    pub(super) fn learn_answer(&mut self, question: usize, values: Vec<Val>, answer: Answer) {
        self.answers.entry(question).or_default().insert(values, answer);
    }

    /// The answer that a text is.
    pub(super) fn answer_of(&mut self, text: Option<String>) -> Answer {
        match text.as_deref() {
            None => Answer::Null,
            Some("true") => Answer::True,
            Some("false") => Answer::False,
            Some(text) => {
                let next = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
                Answer::Is(*self.words.entry(text.to_owned()).or_insert(next))
            }
        }
    }

    /// The questions that came up without an answer; they count as asked from now on.
    pub(super) fn take_missing(&mut self) -> Vec<(usize, Vec<Val>)> {
        let mut missing: Vec<_> = self.missing.drain().collect();
        missing.sort_unstable();
        missing
    }
}
