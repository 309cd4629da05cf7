//! Places in a text where a change to it can be made: comparisons, list elements, clauses.
//!
//! All are bytes of the text that was given, so that whoever changes it replaces just these.

use std::collections::BTreeSet;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use squawk_syntax::ast::{ArrayExpr, AstNode, BinExpr, BinOp, Expr, WhereClause};
use squawk_syntax::{SourceFile, SyntaxNode};

/// What makes an expression a statement that the parser takes.
const SELECT: &str = "SELECT ";

/// The operators `=`, `<>`, `<`, `<=`, `>` and `>=` of an expression, each where it stands between
/// two values. That of `= ANY (...)` is not among them: it belongs to a list.
pub fn comparisons(expression: &str) -> Vec<Range<usize>> {
    let found = parsed(&format!("{SELECT}{expression}"), |root| {
        let compared = root.descendants().filter_map(BinExpr::cast);
        let compared = compared.filter(|it| !is_quantified(it)).filter_map(|it| operator(&it));
        compared.map(moved_back).collect()
    });
    found.unwrap_or_default()
}

/// What an expression compares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    pub columns: BTreeSet<String>,
    pub numbers: BTreeSet<i64>,
}

/// The columns and whole numbers that an expression compares, if it does nothing else but join
/// such comparisons by `AND`, `OR` and `NOT`.
pub fn compared(expression: &str) -> Option<Compared> {
    let found = parsed(&format!("{SELECT}{expression}"), |root| {
        let expression = root.descendants().find_map(Expr::cast)?;
        let mut found = Compared::default();
        add_condition(&expression, &mut found)?;
        Some(found)
    });
    found.flatten()
}

/// The lists that an expression compares something with, as `IN (...)` has them or, in Postgres's
/// own words, `= ANY (ARRAY[...])` and `<> ALL (ARRAY[...])`: the elements of each.
pub fn lists(expression: &str) -> Vec<Vec<Range<usize>>> {
    let found = parsed(&format!("{SELECT}{expression}"), |root| {
        let lists = root.descendants().filter_map(list);
        lists.map(|elements| elements.into_iter().map(moved_back).collect()).collect()
    });
    found.unwrap_or_default()
}

/// The `WHERE` clause of a query, if that is a plain `SELECT`.
pub fn filter(query: &str) -> Option<Range<usize>> {
    let found = parsed(query, |root| {
        // Not one of a query within it.
        let clause = root.children().next()?.children().find_map(WhereClause::cast)?;
        Some(range(clause.syntax()))
    });
    found.flatten()
}

/// What stands between the parenthesis at byte `open` and the one that closes it.
pub fn parenthesized(text: &str, open: usize) -> Option<Range<usize>> {
    let mut depth = 0_usize;
    for (at, byte) in unquoted(text.get(open..)?) {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (byte == b')').then(|| open + 1..open + at);
        }
    }
    None
}

/// The parts of a text between commas that are in no parentheses, without blanks around them.
pub fn items(text: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, byte) in unquoted(text) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                items.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(text[start..].trim());
    items
}

/// `text` with the bytes at `place` replaced.
pub fn replaced(text: &str, place: &Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &text[..place.start], &text[place.end..])
}

/// The bytes that are in no string and no quoted name. A doubled quote ends one and begins the
/// next, which comes to the same.
fn unquoted(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let mut within = None;
    text.bytes().enumerate().filter(move |(_, byte)| match within {
        Some(quote) => {
            if *byte == quote {
                within = None;
            }
            false
        }
        None => {
            within = matches!(byte, b'\'' | b'"').then_some(*byte);
            within.is_none()
        }
    })
}

/// Whether it compares with any or all of many.
fn is_quantified(expression: &BinExpr) -> bool {
    let Some(right) = expression.rhs() else { return false };
    let text = right.syntax().text().to_string().to_lowercase();
    ["any", "all", "some"]
        .iter()
        .any(|word| text.strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with('(')))
}

fn operator(expression: &BinExpr) -> Option<Range<usize>> {
    let (BinOp::Eq(token)
    | BinOp::Neq(token)
    | BinOp::Neqb(token)
    | BinOp::LAngle(token)
    | BinOp::Lteq(token)
    | BinOp::RAngle(token)
    | BinOp::Gteq(token)) = expression.op()?
    else {
        return None;
    };
    let range = token.text_range();
    Some(usize::from(range.start())..usize::from(range.end()))
}

fn add_condition(expression: &Expr, found: &mut Compared) -> Option<()> {
    match expression {
        Expr::ParenExpr(it) => add_condition(&it.expr()?, found),
        Expr::PrefixExpr(it) => {
            let negated = it.syntax().text().to_string().to_lowercase().starts_with("not");
            negated.then_some(())?;
            add_condition(&it.expr()?, found)
        }
        Expr::BinExpr(it) if matches!(it.op()?, BinOp::And(_) | BinOp::Or(_)) => {
            add_condition(&it.lhs()?, found)?;
            add_condition(&it.rhs()?, found)
        }
        Expr::BinExpr(it) if !is_quantified(it) => {
            operator(it)?;
            add_side(&it.lhs()?, found)?;
            add_side(&it.rhs()?, found)
        }
        _ => None,
    }
}

/// A column or a whole number, with casts between types of numbers looked through.
fn add_side(expression: &Expr, found: &mut Compared) -> Option<()> {
    let text = expression.syntax().text().to_string();
    match expression {
        Expr::ParenExpr(it) => return add_side(&it.expr()?, found),
        Expr::CastExpr(it) => {
            let to = text.rsplit("::").next()?;
            ["smallint", "integer", "bigint", "numeric"].contains(&to).then_some(())?;
            return add_side(&it.expr()?, found);
        }
        Expr::Literal(_) | Expr::PrefixExpr(_) => {
            let digits = text.trim_matches('\'').replace(' ', "");
            found.numbers.insert(digits.parse().ok()?);
        }
        Expr::NameRef(_) => {
            let name = match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                Some(quoted) => quoted.replace("\"\"", "\""),
                None => text.to_lowercase(),
            };
            found.columns.insert(name);
        }
        _ => return None,
    }
    Some(())
}

fn list(node: SyntaxNode) -> Option<Vec<Range<usize>>> {
    let expression = BinExpr::cast(node)?;
    let right = expression.rhs()?;
    if is_quantified(&expression) {
        let array = right.syntax().descendants().find_map(ArrayExpr::cast)?;
        return Some(array.exprs().map(|element| range(element.syntax())).collect());
    }
    match expression.op()? {
        BinOp::In(_) | BinOp::NotIn(_) => {
            let elements = right.syntax().children().filter_map(Expr::cast);
            Some(elements.map(|element| range(element.syntax())).collect())
        }
        _ => None,
    }
}

fn range(node: &SyntaxNode) -> Range<usize> {
    usize::from(node.text_range().start())..usize::from(node.text_range().end())
}

/// From its place after [`SELECT`] to that in the expression.
fn moved_back(range: Range<usize>) -> Range<usize> {
    range.start - SELECT.len()..range.end - SELECT.len()
}

/// Nothing if the parser does not understand all of it; it has no promise to never panic.
fn parsed<T>(text: &str, find: impl FnOnce(&SyntaxNode) -> T) -> Option<T> {
    let find = || {
        let parse = SourceFile::parse(text);
        parse.errors().is_empty().then(|| find(parse.tree().syntax()))
    };
    catch_unwind(AssertUnwindSafe(find)).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'t>(text: &'t str, ranges: &[Range<usize>]) -> Vec<&'t str> {
        ranges.iter().map(|range| &text[range.clone()]).collect()
    }

    #[test]
    fn comparisons_are_those_of_two_values() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(texts(text, &comparisons(text)), expected, "{text}");
        };
        check("((score >= 0) AND (score <= 100))", &[">=", "<="]);
        check("(is_deleted = (deleted_at IS NOT NULL))", &["="]);
        check("((status <> 'a=b'::text) OR (NOT (a < 3)))", &["<>", "<"]);
        check("((g)::text = ANY ((ARRAY['x'::character varying])::text[]))", &[]);
        check("(g <> ALL (ARRAY[1, 2]))", &[]);
        check("(a IS DISTINCT FROM 3)", &[]);
        check("this is = no expression (", &[]);
    }

    #[test]
    fn lists_are_taken_apart_in_the_words_of_users_and_of_postgres() {
        for text in [
            "meal IN ('B', 'L')",
            "meal NOT IN ('B', 'L')",
            "(meal = ANY (ARRAY['B'::bpchar, 'L'::bpchar]))",
            "((meal)::text <> ALL ((ARRAY['B'::character varying, 'L'::character varying])::text[]))",
        ] {
            let found = lists(text);
            assert_eq!(found.len(), 1, "{text}");
            let elements = texts(text, &found[0]);
            assert_eq!(elements.len(), 2, "{text}");
            assert!(
                elements[0].starts_with("'B'") && elements[1].starts_with("'L'"),
                "{elements:?}"
            );
        }
        assert!(lists("(a = 1)").is_empty());
    }

    #[test]
    fn what_is_compared_is_told_only_of_comparisons() {
        let found =
            compared("((a >= 1) AND (NOT (\"B\" > (a)::numeric)) OR (a < '-5'::integer))").unwrap();
        assert_eq!(found.columns, ["B".to_owned(), "a".to_owned()].into());
        assert_eq!(found.numbers, [-5, 1].into());
        for other in ["(length(a) > 1)", "(a > 1.5)", "(a = ANY (ARRAY[1]))", "(a IS NULL)", "flag"]
        {
            assert_eq!(compared(other), None, "{other}");
        }
    }

    #[test]
    fn the_filter_of_a_query_is_not_that_of_a_query_within() {
        let query = " SELECT a\n   FROM t\n  WHERE (a IN ( SELECT b FROM u WHERE b > 1));";
        let place = filter(query).unwrap();
        assert_eq!(&query[place], "WHERE (a IN ( SELECT b FROM u WHERE b > 1))");
        assert_eq!(filter("SELECT a FROM (SELECT 1 AS a WHERE true) AS t"), None);
    }

    #[test]
    fn parentheses_and_commas_within_strings_and_names_do_not_count() {
        let text = "USING btree (lower(a), \"b,)\" DESC, (c || ',)')) WHERE (a > 0)";
        let place = parenthesized(text, 12).unwrap();
        assert_eq!(items(&text[place]), ["lower(a)", "\"b,)\" DESC", "(c || ',)')"]);
        assert_eq!(parenthesized("no", 0), None);
        assert_eq!(parenthesized("(open", 0), None);
        assert_eq!(replaced("a >= b", &(2..4), "<"), "a < b");
    }
}
