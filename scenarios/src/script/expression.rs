//! Expressions of `\set`, `\if` and their like, with the precedences of pgbench.

use super::names::Names;
use super::tokens::{Token, tokens};
use crate::workload::{Choice, Expression, Fake, Function, Value};

/// Reads an expression. Variables and keys get their slots in `names`.
pub(super) fn read(text: &str, names: &mut Names) -> Result<Expression, String> {
    let mut reader = Reader { tokens: tokens(text)?, at: 0, names };
    let expression = reader.or()?;
    match reader.peek() {
        None => Ok(expression),
        Some(token) => Err(format!("{} is not expected here", told(token))),
    }
}

/// Reads several, with commas between.
pub(super) fn read_list(text: &str, names: &mut Names) -> Result<Vec<Expression>, String> {
    let mut reader = Reader { tokens: tokens(text)?, at: 0, names };
    let mut all = vec![reader.or()?];
    while reader.sign(",") {
        all.push(reader.or()?);
    }
    match reader.peek() {
        None => Ok(all),
        Some(token) => Err(format!("{} is not expected here", told(token))),
    }
}

struct Reader<'n> {
    tokens: Vec<Token>,
    at: usize,
    names: &'n mut Names,
}

fn told(token: &Token) -> String {
    match token {
        Token::Value(value) => format!("`{}`", super::render(value)),
        Token::Variable(name) => format!("`:{name}`"),
        Token::Word(word) => format!("`{word}`"),
        Token::Sign(sign) => format!("`{sign}`"),
    }
}

fn call(function: Function, arguments: impl Into<Vec<Expression>>) -> Expression {
    Expression::Call { function, arguments: arguments.into() }
}

/// One level of binary operators.
type Level = &'static [(&'static str, Function)];

/// From weak to strong, as in pgbench's grammar; OR, AND and NOT are weaker, unary signs stronger.
const LEVELS: &[Level] = &[
    &[
        ("|", Function::BitOr),
        ("#", Function::BitXor),
        ("&", Function::BitAnd),
        ("<<", Function::ShiftLeft),
        (">>", Function::ShiftRight),
    ],
    &[("+", Function::Add), ("-", Function::Subtract)],
    &[("*", Function::Multiply), ("/", Function::Divide), ("%", Function::Modulo)],
];

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn sign(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(sign)) if *sign == wanted);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, wanted: &str) -> bool {
        let found =
            matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: &str) -> Result<(), String> {
        if self.sign(wanted) || self.word(wanted) {
            return Ok(());
        }
        match self.peek() {
            Some(token) => Err(format!("`{wanted}` is expected, not {}", told(token))),
            None => Err(format!("`{wanted}` is missing at the end")),
        }
    }

    fn or(&mut self) -> Result<Expression, String> {
        let mut left = self.and()?;
        while self.word("or") {
            left = call(Function::Or, [left, self.and()?]);
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expression, String> {
        let mut left = self.not()?;
        while self.word("and") {
            left = call(Function::And, [left, self.not()?]);
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expression, String> {
        if self.word("not") {
            return Ok(call(Function::Not, [self.not()?]));
        }
        self.is()
    }

    fn is(&mut self) -> Result<Expression, String> {
        let mut left = self.comparison()?;
        loop {
            let (value, not) = if self.word("isnull") {
                (Value::Null, false)
            } else if self.word("notnull") {
                (Value::Null, true)
            } else if self.word("is") {
                let not = self.word("not");
                let value = if self.word("null") {
                    Value::Null
                } else if self.word("true") {
                    Value::Boolean(true)
                } else {
                    self.expect("false")
                        .map_err(|_| "NULL, TRUE or FALSE is expected behind IS")?;
                    Value::Boolean(false)
                };
                (value, not)
            } else {
                return Ok(left);
            };
            left = call(Function::Is, [left, Expression::Constant(value)]);
            if not {
                left = call(Function::Not, [left]);
            }
        }
    }

    fn comparison(&mut self) -> Result<Expression, String> {
        let mut left = self.level(0)?;
        loop {
            // Greater is less with its sides exchanged.
            left = if self.sign("=") {
                call(Function::Equal, [left, self.level(0)?])
            } else if self.sign("<>") || self.sign("!=") {
                call(Function::NotEqual, [left, self.level(0)?])
            } else if self.sign("<=") {
                call(Function::LessOrEqual, [left, self.level(0)?])
            } else if self.sign(">=") {
                call(Function::LessOrEqual, [self.level(0)?, left])
            } else if self.sign("<") {
                call(Function::Less, [left, self.level(0)?])
            } else if self.sign(">") {
                call(Function::Less, [self.level(0)?, left])
            } else {
                return Ok(left);
            };
        }
    }

    fn level(&mut self, level: usize) -> Result<Expression, String> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.level(level + 1)?;
        while let Some((_, function)) = operators.iter().find(|(sign, _)| self.sign(sign)) {
            left = call(*function, [left, self.level(level + 1)?]);
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, String> {
        if self.sign("-") {
            return Ok(match self.unary()? {
                Expression::Constant(Value::Integer(number)) => {
                    Expression::Constant(Value::Integer(number.wrapping_neg()))
                }
                Expression::Constant(Value::Double(number)) => {
                    Expression::Constant(Value::Double(-number))
                }
                other => call(Function::Negate, [other]),
            });
        }
        if self.sign("+") {
            return self.unary();
        }
        if self.sign("~") {
            return Ok(call(Function::BitNot, [self.unary()?]));
        }
        let value = self.primary()?;
        if value == Expression::Constant(Value::Integer(i64::MIN))
            && !matches!(self.at.checked_sub(2).map(|at| &self.tokens[at]), Some(Token::Sign("-")))
        {
            return Err("`9223372036854775808` is too large for an integer".to_owned());
        }
        Ok(value)
    }

    fn primary(&mut self) -> Result<Expression, String> {
        if self.sign("(") {
            let inner = self.or()?;
            self.expect(")")?;
            return Ok(inner);
        }
        let Some(token) = self.peek().cloned() else {
            return Err("the expression ends too early".to_owned());
        };
        self.at += 1;
        match token {
            Token::Value(value) => Ok(Expression::Constant(value)),
            Token::Variable(name) => Ok(Expression::Variable(self.names.used(&name))),
            Token::Word(word) => self.named(&word),
            Token::Sign(_) => Err(format!("{} is not expected here", told(&token))),
        }
    }

    /// A constant, CASE, or a function.
    fn named(&mut self, word: &str) -> Result<Expression, String> {
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            "null" => return Ok(Expression::Constant(Value::Null)),
            "true" => return Ok(Expression::Constant(Value::Boolean(true))),
            "false" => return Ok(Expression::Constant(Value::Boolean(false))),
            "case" => return self.case(),
            _ => {}
        }
        if !self.sign("(") {
            return Err(format!("`{word}` is no function with its arguments, and no constant"));
        }
        match lower.as_str() {
            "key" => return self.key(),
            "fake" => return self.fake(),
            "uuid" => {
                self.expect(")")?;
                return Ok(Expression::Fake(Fake::Uuid));
            }
            _ => {}
        }
        let mut arguments = Vec::new();
        if !self.sign(")") {
            arguments.push(self.or()?);
            while self.sign(",") {
                arguments.push(self.or()?);
            }
            self.expect(")")?;
        }
        let (_, function, least, most) = FUNCTIONS
            .iter()
            .find(|(name, ..)| *name == lower)
            .ok_or_else(|| format!("there is no function `{word}`"))?;
        if !(*least..=*most).contains(&arguments.len()) {
            let wanted = if least == most {
                least.to_string()
            } else if *most == usize::MAX {
                format!("at least {least}")
            } else {
                format!("{least} or {most}")
            };
            return Err(format!("`{word}` takes {wanted} arguments, not {}", arguments.len()));
        }
        if matches!(function, Function::HashFnv1a | Function::HashMurmur2 | Function::Permute)
            && arguments.len() < *most
        {
            // The seed, if none is given, is that of the script.
            arguments.push(Expression::Variable(super::names::DEFAULT_SEED));
        }
        Ok(call(*function, arguments))
    }

    fn case(&mut self) -> Result<Expression, String> {
        let mut branches = Vec::new();
        while self.word("when") {
            let condition = self.or()?;
            self.expect("then")?;
            branches.push((condition, self.or()?));
        }
        if branches.is_empty() {
            return Err("`case` is without `when`".to_owned());
        }
        let otherwise =
            if self.word("else") { self.or()? } else { Expression::Constant(Value::Null) };
        self.expect("end")?;
        Ok(Expression::Case { branches, otherwise: Box::new(otherwise) })
    }

    /// `key(table.column)`, `key(schema.table.column, zipf(1.2), 2)`
    fn key(&mut self) -> Result<Expression, String> {
        let mut path = vec![self.name()?];
        while self.sign(".") {
            path.push(self.name()?);
        }
        let column = path.pop().unwrap_or_default();
        if path.is_empty() {
            return Err("`key` takes a table and its column: `key(users.id)`".to_owned());
        }
        let mut how = Choice::Uniform;
        let mut number = 1;
        while self.sign(",") {
            if let Some(Token::Value(Value::Integer(given))) = self.peek().cloned() {
                self.at += 1;
                number =
                    u32::try_from(given).map_err(|_| format!("`{given}` is no number of a row"))?;
            } else if self.word("uniform") {
                how = Choice::Uniform;
            } else if self.word("newest") {
                how = Choice::Newest;
            } else if self.word("zipf") {
                how = Choice::Zipf(self.exponent()?);
            } else {
                return Err("behind its column, `key` takes uniform, newest, zipf or zipf(1.2), and the number of the row".to_owned());
            }
        }
        self.expect(")")?;
        let (pick, column) = self.names.key(&path.join("."), &column, how, number);
        Ok(Expression::Key { pick, column })
    }

    fn exponent(&mut self) -> Result<f64, String> {
        /// About what the popularity of web pages was found to follow.
        const USUAL: f64 = 1.0;
        if !self.sign("(") {
            return Ok(USUAL);
        }
        let exponent = match self.peek() {
            Some(Token::Value(Value::Double(given))) => *given,
            Some(Token::Value(Value::Integer(given))) => *given as f64,
            _ => return Err("`zipf` takes a number: `zipf(1.2)`".to_owned()),
        };
        self.at += 1;
        self.expect(")")?;
        Ok(exponent)
    }

    fn name(&mut self) -> Result<String, String> {
        match self.peek().cloned() {
            Some(Token::Word(word)) => {
                self.at += 1;
                Ok(word)
            }
            _ => Err("a name is expected: `key(users.id)`".to_owned()),
        }
    }

    fn fake(&mut self) -> Result<Expression, String> {
        let name = self.name().map_err(|_| fakes())?;
        let fake = FAKES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
        let (_, fake) = fake.ok_or_else(fakes)?;
        self.expect(")")?;
        Ok(Expression::Fake(*fake))
    }
}

fn fakes() -> String {
    let known: Vec<&str> = FAKES.iter().map(|(name, _)| *name).collect();
    format!("`fake` takes one of {}", known.join(", "))
}

const FAKES: &[(&str, Fake)] = &[
    ("name", Fake::Name),
    ("email", Fake::Email),
    ("username", Fake::Username),
    ("word", Fake::Word),
    ("title", Fake::Title),
    ("sentence", Fake::Sentence),
    ("paragraph", Fake::Paragraph),
    ("company", Fake::Company),
    ("city", Fake::City),
    ("street", Fake::Street),
    ("phone", Fake::Phone),
    ("url", Fake::Url),
    ("uuid", Fake::Uuid),
];

/// The functions with the fewest and the most arguments that they take.
const FUNCTIONS: &[(&str, Function, usize, usize)] = &[
    ("abs", Function::Abs, 1, 1),
    ("debug", Function::Debug, 1, 1),
    ("double", Function::Double, 1, 1),
    ("exp", Function::Exp, 1, 1),
    ("greatest", Function::Greatest, 1, usize::MAX),
    ("hash", Function::HashMurmur2, 1, 2),
    ("hash_fnv1a", Function::HashFnv1a, 1, 2),
    ("hash_murmur2", Function::HashMurmur2, 1, 2),
    ("int", Function::Int, 1, 1),
    ("least", Function::Least, 1, usize::MAX),
    ("ln", Function::Ln, 1, 1),
    ("mod", Function::Modulo, 2, 2),
    ("permute", Function::Permute, 2, 3),
    ("pi", Function::Pi, 0, 0),
    ("pow", Function::Power, 2, 2),
    ("power", Function::Power, 2, 2),
    ("random", Function::Random, 2, 2),
    ("random_exponential", Function::RandomExponential, 3, 3),
    ("random_gaussian", Function::RandomGaussian, 3, 3),
    ("random_zipfian", Function::RandomZipfian, 3, 3),
    ("sqrt", Function::Sqrt, 1, 1),
];
