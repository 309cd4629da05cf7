//! The words of an expression: the columns, constants and functions it names.

use std::ops::Range;

use squawk_syntax::{SyntaxKind, SyntaxNode, SyntaxToken};

use super::{BEFORE, has, statement};

/// A constant, with casts looked through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// With its sign: `-5`, `0.25`.
    Number(String),
    /// What is between the quotes, also of dates, ranges, labels and so on.
    Text(String),
    /// What texts are matched with, and how: `~`, `~*`, `~~` (LIKE), `~~*` (ILIKE) or `similar to`,
    /// which stands for their negations too.
    Pattern { operator: &'static str, pattern: String },
    /// What is between the quotes of an interval.
    Interval(String),
}

/// Which of `names`, bare names of columns, the expression mentions.
pub fn columns<'a>(text: &str, names: &[&'a str]) -> Vec<&'a str> {
    let Some((statement, understood)) = statement(text) else { return Vec::new() };
    let mentioned: Vec<String> = tokens(&statement)
        .filter(|token| if understood { is_column(token) } else { !before_parenthesis(token) })
        .map(|token| identifier(token.text()))
        .collect();
    names.iter().copied().filter(|name| mentioned.iter().any(|found| found == name)).collect()
}

/// A column with its table before it, as plans name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qualified {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// The table or its alias, without quotes.
    pub table: String,
    /// The column, without quotes.
    pub column: String,
}

/// The columns of an expression that are written as `table.column`, in their order. Nothing of
/// what the parser does not understand.
pub fn qualified(text: &str) -> Vec<Qualified> {
    let Some((statement, true)) = statement(text) else { return Vec::new() };
    let fields = statement.descendants().filter(|node| node.kind() == SyntaxKind::FIELD_EXPR);
    let one = |field: SyntaxNode| {
        let (table, column) = (field.first_child()?, field.last_child()?);
        let is_name = |node: &SyntaxNode| node.kind() == SyntaxKind::NAME_REF;
        // `pg_catalog.lower(...)` is a function.
        let called = field.parent().is_some_and(|above| {
            above.kind() == SyntaxKind::CALL_EXPR && above.first_child() == Some(field.clone())
        });
        if !is_name(&table) || !is_name(&column) || table == column || called {
            return None;
        }
        let range = field.text_range();
        let start = usize::from(range.start()).checked_sub(BEFORE.len())?;
        let range = start..usize::from(range.end()) - BEFORE.len();
        let name = |node: &SyntaxNode| identifier(node.text().to_string().trim());
        Some(Qualified { range, table: name(&table), column: name(&column) })
    };
    fields.filter_map(one).collect()
}

/// Whether the word is a column's name by its place: a name that is neither called nor the table
/// in `table.column`.
fn is_column(token: &SyntaxToken) -> bool {
    let Some(name) = token.parent().filter(|parent| parent.kind() == SyntaxKind::NAME_REF) else {
        return false;
    };
    let Some(parent) = name.parent() else { return false };
    match parent.kind() {
        SyntaxKind::CALL_EXPR => false,
        SyntaxKind::FIELD_EXPR => {
            let called = parent.parent().is_some_and(|above| {
                above.kind() == SyntaxKind::CALL_EXPR && above.first_child() == Some(parent.clone())
            });
            !called && parent.last_child() == Some(name)
        }
        _ => true,
    }
}

fn before_parenthesis(token: &SyntaxToken) -> bool {
    let mut next = token.next_token();
    while let Some(blank) = next.as_ref().filter(|next| next.kind() == SyntaxKind::WHITESPACE) {
        next = blank.next_token();
    }
    next.is_some_and(|next| next.kind() == SyntaxKind::L_PAREN)
}

/// A name as the catalog has it, bare and with its case folded.
pub(in crate::sql) fn identifier(text: &str) -> String {
    match text.strip_prefix('"').and_then(|inside| inside.strip_suffix('"')) {
        Some(inside) => inside.replace("\"\"", "\""),
        None => text.to_lowercase(),
    }
}

/// The names of the functions it calls, bare and each once. `CURRENT_DATE` and its like count.
pub fn functions(text: &str) -> Vec<String> {
    let Some((statement, _)) = statement(text) else { return Vec::new() };
    let mut names = Vec::new();
    for node in statement.descendants() {
        let name = match node.kind() {
            SyntaxKind::CALL_EXPR => called(&node),
            SyntaxKind::NAME_REF if !node.text().to_string().starts_with('"') => {
                let name = node.text().to_string().to_lowercase();
                let parameterless = name.starts_with("current_")
                    || ["localtime", "localtimestamp", "session_user", "user"]
                        .contains(&name.as_str());
                parameterless.then_some(name)
            }
            _ => None,
        };
        names.extend(name.filter(|name| !names.contains(name)));
    }
    names
}

/// The function that a call names; none for `ANY (...)` and `ALL (...)`.
fn called(call: &SyntaxNode) -> Option<String> {
    let function = call.first_child()?;
    let name = match function.kind() {
        SyntaxKind::NAME_REF => identifier(&function.text().to_string()),
        SyntaxKind::FIELD_EXPR => identifier(&function.last_child()?.text().to_string()),
        SyntaxKind::ANY_FN | SyntaxKind::ALL_FN | SyntaxKind::SOME_FN => return None,
        // Those with a grammar of their own begin with their name.
        _ => identifier(function.first_token()?.text()),
    };
    Some(name.to_lowercase())
}

/// Replaces the word `VALUE` of a domain's check by an expression.
pub fn with_value(text: &str, replacement: &str) -> String {
    let Some((statement, _)) = statement(text) else { return text.to_owned() };
    let mut replaced = String::new();
    for token in statement.descendants_with_tokens().filter_map(|part| part.into_token()) {
        let is_value = token.kind() == SyntaxKind::VALUE_KW;
        replaced.push_str(if is_value { replacement } else { token.text() });
    }
    replaced.strip_prefix(BEFORE).unwrap_or(text).to_owned()
}

/// Replaces a column, by its bare name, by another expression.
pub fn with_column(text: &str, column: &str, replacement: &str) -> String {
    let Some((statement, _)) = statement(text) else { return text.to_owned() };
    let mut replaced = String::new();
    for token in statement.descendants_with_tokens().filter_map(|part| part.into_token()) {
        let is_it = is_column(&token) && identifier(token.text()) == column;
        replaced.push_str(if is_it { replacement } else { token.text() });
    }
    replaced.strip_prefix(BEFORE).unwrap_or(text).to_owned()
}

/// All constants in the expression, in their order; booleans and NULL are none.
pub fn literals(text: &str) -> Vec<Literal> {
    let Some((statement, _)) = statement(text) else { return Vec::new() };
    tokens(&statement).filter_map(|token| literal(&token)).flatten().collect()
}

fn tokens(statement: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    statement.descendants_with_tokens().filter_map(|part| part.into_token())
}

fn literal(token: &SyntaxToken) -> Option<Vec<Literal>> {
    // The numbers of `numeric(10,2)` say nothing of the values.
    if token.parent_ancestors().any(|node| format!("{:?}", node.kind()).ends_with("_TYPE")) {
        return None;
    }
    match token.kind() {
        SyntaxKind::INT_NUMBER | SyntaxKind::NUMERIC_NUMBER => {
            let outer = token
                .parent_ancestors()
                .find(|node| !matches!(node.kind(), SyntaxKind::LITERAL | SyntaxKind::PAREN_EXPR));
            let negative = outer.is_some_and(|node| {
                node.kind() == SyntaxKind::PREFIX_EXPR && has(&node, SyntaxKind::MINUS)
            });
            let sign = if negative { "-" } else { "" };
            Some(vec![Literal::Number(format!("{sign}{}", token.text()))])
        }
        SyntaxKind::STRING | SyntaxKind::ESC_STRING => Some(text_literals(token)),
        _ => None,
    }
}

/// What a quoted constant is by the type it is cast to and the operator it stands right of.
fn text_literals(token: &SyntaxToken) -> Vec<Literal> {
    let text = string(token.text());
    let cast = token.parent().and_then(|literal| literal.parent());
    let cast = cast.filter(|cast| cast.kind() == SyntaxKind::CAST_EXPR);
    let types = cast.iter().flat_map(|cast| cast.children());
    let data_type = types.last().filter(|node| node.kind() != SyntaxKind::LITERAL);
    // `date '2020-01-01'` has the type first.
    let data_type = data_type.or_else(|| cast.as_ref().and_then(|cast| cast.first_child()));
    let data_type = data_type.map(|node| node.text().to_string().to_lowercase());
    let data_type = data_type.unwrap_or_default();
    if data_type.ends_with("[]") {
        return array_literal(&text).into_iter().map(Literal::Text).collect();
    }
    if let Some(operator) = pattern_operator(token) {
        return vec![Literal::Pattern { operator, pattern: text }];
    }
    let numbers =
        ["smallint", "integer", "bigint", "numeric", "real", "double precision", "money", "oid"];
    let bare = data_type.split('(').next().unwrap_or_default().trim();
    vec![if numbers.contains(&bare) && text.parse::<f64>().is_ok() {
        Literal::Number(text)
    } else if bare.starts_with("interval") {
        Literal::Interval(text)
    } else {
        Literal::Text(text)
    }]
}

/// The operator by which values are matched with the constant, if it is a pattern.
fn pattern_operator(token: &SyntaxToken) -> Option<&'static str> {
    let mut similar = false;
    for node in token.parent_ancestors() {
        match node.kind() {
            SyntaxKind::BIN_EXPR => {
                let right = node.last_child()?.text_range();
                if !right.contains_range(token.text_range()) {
                    return None;
                }
                let words = node.children_with_tokens().filter(|part| {
                    let kind = part.kind();
                    part.as_node().is_none_or(|part| {
                        Some(part.clone()) != node.first_child()
                            && Some(part.clone()) != node.last_child()
                    }) && kind != SyntaxKind::WHITESPACE
                });
                let words: Vec<String> = words.map(|part| part.to_string()).collect();
                let operator = words.join(" ").to_lowercase();
                let operator = operator.strip_prefix("not ").unwrap_or(&operator);
                return match operator.trim_start_matches('!') {
                    "~" if similar => Some("similar to"),
                    "~" => Some("~"),
                    "~*" => Some("~*"),
                    "~~" | "like" => Some("~~"),
                    "~~*" | "ilike" => Some("~~*"),
                    "similar to" => Some("similar to"),
                    _ => None,
                };
            }
            SyntaxKind::CALL_EXPR => match called(&node).as_deref() {
                // Postgres writes SIMILAR TO as a match with what this function returns.
                Some("similar_to_escape" | "similar_escape") => similar = true,
                Some("regexp_like" | "regexp_match" | "regexp_count") => {
                    let first = node.descendants().find(|part| part.kind() == SyntaxKind::ARG)?;
                    let is_first = first.text_range().contains_range(token.text_range());
                    return (!is_first).then_some("~");
                }
                Some(_) => return None,
                None => {}
            },
            _ => {}
        }
    }
    None
}

/// What a quoted constant says.
pub(super) fn string(quoted: &str) -> String {
    let escapes = quoted.starts_with(['e', 'E']);
    let inside = quoted.trim_start_matches(['e', 'E']);
    let inside = inside.strip_prefix('\'').unwrap_or(inside);
    let inside = inside.strip_suffix('\'').unwrap_or(inside).replace("''", "'");
    if !escapes {
        return inside;
    }
    let mut text = String::new();
    let mut characters = inside.chars();
    while let Some(c) = characters.next() {
        let next = if c == '\\' { characters.next() } else { None };
        text.push(match next {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some(other) => other,
            None => c,
        });
    }
    text
}

/// The elements of an array of one dimension as its text has them, without NULLs.
pub(super) fn array_literal(text: &str) -> Vec<String> {
    let inside = text.strip_prefix('{').and_then(|inside| inside.strip_suffix('}'));
    let mut elements = Vec::new();
    let (mut element, mut quoted, mut was_quoted) = (String::new(), false, false);
    let mut characters = inside.unwrap_or_default().chars();
    let mut end = |element: &mut String, was_quoted: &mut bool| {
        let done = std::mem::take(element);
        let bare = !std::mem::take(was_quoted);
        if !(bare && (done.is_empty() || done.eq_ignore_ascii_case("null"))) {
            elements.push(done);
        }
    };
    while let Some(c) = characters.next() {
        match c {
            '"' => (quoted, was_quoted) = (!quoted, true),
            '\\' => element.extend(characters.next()),
            ',' if !quoted => end(&mut element, &mut was_quoted),
            c if c.is_whitespace() && !quoted && element.is_empty() => {}
            c => element.push(c),
        }
    }
    end(&mut element, &mut was_quoted);
    elements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_place() {
        let names = ["a", "length", "Order", "value", "t", "status"];
        for (text, expected) in [
            ("(length(a) > 3)", vec!["a"]),
            ("(A > 1)", vec!["a"]),
            ("(\"Order\" > 1)", vec!["Order"]),
            ("(\"order\" > 1)", vec![]),
            ("(t.a > t.length)", vec!["a", "length"]),
            ("('a' = 'length(a)')", vec![]),
            ("(pg_catalog.length((status)::text) > 1)", vec!["status"]),
            ("(value > 1)", vec!["value"]),
            ("(a > ", vec!["a"]),
            ("(ROW(a, status) IS NOT NULL)", vec!["a", "status"]),
        ] {
            assert_eq!(columns(text, &names), expected, "{text}");
        }
    }

    #[test]
    fn columns_of_plans_are_found_with_their_tables() {
        let told = |text: &str| -> Vec<String> {
            let all = qualified(text).into_iter();
            all.map(|one| format!("{} {} {}", one.table, one.column, &text[one.range])).collect()
        };
        assert_eq!(told("lower((u.email)::text)"), ["u email u.email"]);
        assert_eq!(
            told("ROW(t.name, \"My T\".\"A b\")"),
            ["t name t.name", "My T A b \"My T\".\"A b\""]
        );
        assert!(told("pg_catalog.lower('a.b')").is_empty());
        assert!(told("email").is_empty());
    }

    #[test]
    fn functions_are_found_by_their_calls() {
        for (text, expected) in [
            ("(char_length((a)::text) <= 5)", vec!["char_length"]),
            ("(\"substring\"(a, 1, 2) = lower(b))", vec!["substring", "lower"]),
            ("(a = ANY (ARRAY[1, 2]))", vec![]),
            ("(public.f(a) AND (d > CURRENT_DATE))", vec!["f", "current_date"]),
            ("(EXTRACT(year FROM d) > (2000)::numeric)", vec!["extract"]),
            ("(COALESCE(a, 1) > 0)", vec!["coalesce"]),
        ] {
            assert_eq!(functions(text), expected, "{text}");
        }
    }

    #[test]
    fn the_word_value_is_replaced_outside_of_strings() {
        assert_eq!(
            with_value("((VALUE > 0) AND (VALUE <> 'VALUE'::text))", "t.\"A\""),
            "((t.\"A\" > 0) AND (t.\"A\" <> 'VALUE'::text))"
        );
    }

    #[test]
    fn constants_are_read_through_casts() {
        let number = |text: &str| Literal::Number(text.to_owned());
        let text = |text: &str| Literal::Text(text.to_owned());
        let pattern =
            |operator, pattern: &str| Literal::Pattern { operator, pattern: pattern.to_owned() };
        for (expression, expected) in [
            ("((a >= 1) AND (a <= 5.50))", vec![number("1"), number("5.50")]),
            ("(a > '-5'::integer)", vec![number("-5")]),
            ("(a > (-5))", vec![number("-5")]),
            ("(a >= (0)::numeric)", vec![number("0")]),
            ("((a)::numeric(10,2) > 3)", vec![number("3")]),
            ("(a <> 'it''s'::text)", vec![text("it's")]),
            ("(a ~ '^\\d+$'::text)", vec![pattern("~", "^\\d+$")]),
            ("(a ~ E'^\\\\d+$'::text)", vec![pattern("~", "^\\d+$")]),
            ("((a)::text !~~* 'x%'::text)", vec![pattern("~~*", "x%")]),
            ("(a NOT LIKE 'x%')", vec![pattern("~~", "x%")]),
            ("(a ~ similar_to_escape('x%'::text))", vec![pattern("similar to", "x%")]),
            ("regexp_like(a, '^x'::text)", vec![pattern("~", "^x")]),
            ("(a > (b + '1 day'::interval))", vec![Literal::Interval("1 day".to_owned())]),
            ("(d >= '2020-01-01'::date)", vec![text("2020-01-01")]),
            ("(d >= date '2020-01-01')", vec![text("2020-01-01")]),
            ("(a = ANY ('{x,\"y,z\"}'::text[]))", vec![text("x"), text("y,z")]),
            (
                "((a)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
                vec![text("a"), text("b")],
            ),
            ("(a ~ ('^' || b))", vec![text("^")]),
        ] {
            assert_eq!(literals(expression), expected, "{expression}");
        }
    }
}
