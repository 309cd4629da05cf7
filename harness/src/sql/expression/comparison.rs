//! Comparisons: what stands on either side of an operator.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::{bare, has, sql, whole};

/// A clause that compares two values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Its SQL, without casts and parentheses around all of it.
    pub left: String,
    /// As it is written, words in capitals: `=`, `~~`, `NOT LIKE`, `IN`, `= ANY`.
    pub operator: String,
    /// As `left`; of `= ANY (array)` the array, of `IN` the list with its parentheses.
    pub right: String,
}

/// What makes a value of two others, but does not compare them.
const COMPUTES: [&str; 16] =
    ["+", "-", "*", "/", "%", "^", "||", "&", "|", "#", "<<", ">>", "->", "->>", "#>", "#>>"];

/// Takes a clause apart at its operator. Nothing if it has none that compares, as `flag`,
/// `a IS NULL`, or `a = 1 AND b = 2`.
pub fn comparison(text: &str) -> Option<Comparison> {
    // The parser has no promise to never panic.
    std::panic::catch_unwind(|| read(text)).ok().flatten()
}

fn read(text: &str) -> Option<Comparison> {
    let expression = bare(&whole(text)?);
    if expression.kind() != SyntaxKind::BIN_EXPR {
        return None;
    }
    let (left, right) = (expression.first_child()?, expression.last_child()?);
    let operator = between(&expression, &left, &right);
    if COMPUTES.contains(&operator.as_str()) || ["AND", "OR", "IS", "IS NOT"].contains(&&*operator)
    {
        return None;
    }
    let left = sql(&value(&left));
    Some(match many(&right) {
        Some((word, array)) => {
            Comparison { left, operator: format!("{operator} {word}"), right: sql(&value(&array)) }
        }
        None => Comparison { left, operator, right: sql(&value(&right)) },
    })
}

/// The operator: what stands between its operands, without comments and with single blanks.
fn between(expression: &SyntaxNode, left: &SyntaxNode, right: &SyntaxNode) -> String {
    let (from, to) = (left.text_range().end(), right.text_range().start());
    let tokens = expression.descendants_with_tokens().filter_map(|part| part.into_token());
    let tokens = tokens.filter(|token| {
        let range = token.text_range();
        from <= range.start() && range.end() <= to && token.kind() != SyntaxKind::COMMENT
    });
    let text: String = tokens.map(|token| token.text().to_owned()).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}

/// `ANY` or `ALL` with the array behind it.
fn many(operand: &SyntaxNode) -> Option<(&'static str, SyntaxNode)> {
    let call = operand.first_child().filter(|_| operand.kind() == SyntaxKind::CALL_EXPR)?;
    let word = match call.kind() {
        SyntaxKind::ANY_FN | SyntaxKind::SOME_FN => "ANY",
        SyntaxKind::ALL_FN => "ALL",
        _ => return None,
    };
    Some((word, call.first_child()?))
}

/// An operand without what does not change which value it is.
fn value(operand: &SyntaxNode) -> SyntaxNode {
    let mut value = bare(operand);
    while value.kind() == SyntaxKind::CAST_EXPR
        // Not `date '2020-01-01'`, which has the type first.
        && (has(&value, SyntaxKind::CAST_KW) || has(&value, SyntaxKind::COLON_COLON))
        && let Some(inside) = value.first_child()
    {
        value = bare(&inside);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_come_apart_into_operator_and_operands() {
        for (text, left, operator, right) in [
            ("(t.id = $1)", "t.id", "=", "$1"),
            ("((u.email)::text = ($1)::text)", "u.email", "=", "$1"),
            ("CAST(a AS text) <> $1", "a", "<>", "$1"),
            ("($1 < t.created_at)", "$1", "<", "t.created_at"),
            ("(lower(t.email) = lower($1))", "lower(t.email)", "=", "lower($1)"),
            ("(t.title ~~ $1)", "t.title", "~~", "$1"),
            ("(title NOT  like $1)", "title", "NOT LIKE", "$1"),
            ("(t.id = ANY ($1))", "t.id", "= ANY", "$1"),
            ("((t.s)::text = ANY (($2)::text[]))", "t.s", "= ANY", "$2"),
            ("(t.id <> ALL ('{1,2}'::integer[]))", "t.id", "<> ALL", "'{1,2}'"),
            ("(a IN ($1, $2))", "a", "IN", "($1, $2)"),
            ("(t.data @> '{}'::jsonb)", "t.data", "@>", "'{}'"),
            (
                "(ROW(t.created_at, t.id) < ROW($1, $2))",
                "ROW(t.created_at, t.id)",
                "<",
                "ROW($1, $2)",
            ),
            ("(\"My T\".\"A b\" = $1)", "\"My T\".\"A b\"", "=", "$1"),
            ("(t.d >= date '2020-01-01')", "t.d", ">=", "date '2020-01-01'"),
            ("((t.n + 1) > $1)", "t.n + 1", ">", "$1"),
        ] {
            let found = comparison(text).unwrap_or_else(|| panic!("{text} is a comparison"));
            let found = (found.left.as_str(), found.operator.as_str(), found.right.as_str());
            assert_eq!(found, (left, operator, right), "{text}");
        }
    }

    #[test]
    fn what_compares_nothing_is_no_comparison() {
        for text in [
            "flag",
            "NOT flag",
            "(a IS NULL)",
            "(a = 1) AND (b = 2)",
            "a + 1",
            "a -> 'b'",
            "a =",
            "lower(a)",
            "(a BETWEEN 1 AND 2)",
            "",
        ] {
            assert_eq!(comparison(text), None, "{text}");
        }
    }
}
