//! Boolean expressions as Postgres writes them back: the conditions of checks, domain checks,
//! partial indexes and policies, taken apart into clauses and words.

mod comparison;
mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};

use squawk_syntax::ast::AstNode;
use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};

pub use comparison::{Comparison, comparison};
pub(super) use words::identifier;
pub use words::{
    Literal, Qualified, columns, functions, literals, qualified, with_column, with_value,
};

/// What stands before an expression to make a statement of it, since the parser reads statements.
const BEFORE: &str = "SELECT ";

/// Longer ones are nobody's writing. The parser recurses, and a stack that overflows ends the run.
const LONGEST: usize = 64 << 10;

/// A condition taken apart at its ANDs, ORs and NOTs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// More than one, in their order.
    And(Vec<Node>),
    /// More than one, in their order.
    Or(Vec<Node>),
    Not(Box<Node>),
    /// The place of a clause in [`Condition::leaves`].
    Leaf(usize),
}

/// A clause: what stands between the ANDs, ORs and NOTs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Its SQL as it stands, without parentheses around all of it.
    pub text: String,
    /// `x = a` and `x = b` as SQL of their own where the clause is `x = ANY (ARRAY[a, b])` or
    /// `x IN (a, b)`; else none.
    pub elements: Vec<String>,
}

/// A condition with its clauses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub tree: Node,
    /// In the order in which they are written.
    pub leaves: Vec<Leaf>,
}

/// Takes a boolean expression apart. What is not understood is one clause as a whole.
pub fn condition(text: &str) -> Condition {
    let understood = catch_unwind(AssertUnwindSafe(|| {
        let mut leaves = Vec::new();
        let tree = node(&whole(text)?, &mut leaves);
        Some(Condition { tree, leaves })
    }));
    understood.ok().flatten().unwrap_or_else(|| {
        let leaf = Leaf { text: text.trim().to_owned(), elements: Vec::new() };
        Condition { tree: Node::Leaf(0), leaves: vec![leaf] }
    })
}

/// The statement that the expression was made into. Its places are those of the text plus
/// [`BEFORE`]. The flag tells whether the parser understood all of it.
fn statement(text: &str) -> Option<(SyntaxNode, bool)> {
    if text.len() > LONGEST {
        return None;
    }
    // The parser has no promise to never panic.
    catch_unwind(AssertUnwindSafe(|| {
        let parse = SourceFile::parse(&format!("{BEFORE}{text}"));
        (parse.tree().syntax().clone(), parse.errors().is_empty())
    }))
    .ok()
}

/// The expression itself, if it is one and nothing else.
fn whole(text: &str) -> Option<SyntaxNode> {
    let (statement, understood) = statement(text)?;
    let target = statement.descendants().find(|node| node.kind() == SyntaxKind::TARGET)?;
    let expression = target.first_child()?;
    let all = expression.text().to_string().trim() == text.trim();
    (understood && all).then_some(expression)
}

fn node(expression: &SyntaxNode, leaves: &mut Vec<Leaf>) -> Node {
    let expression = bare(expression);
    let mut operands = Vec::new();
    if joins(&expression, SyntaxKind::AND_KW) {
        chain(&expression, SyntaxKind::AND_KW, leaves, &mut operands);
        return Node::And(operands);
    }
    if joins(&expression, SyntaxKind::OR_KW) {
        chain(&expression, SyntaxKind::OR_KW, leaves, &mut operands);
        return Node::Or(operands);
    }
    if expression.kind() == SyntaxKind::PREFIX_EXPR
        && has(&expression, SyntaxKind::NOT_KW)
        && let Some(operand) = expression.first_child()
    {
        return Node::Not(Box::new(node(&operand, leaves)));
    }
    leaves.push(Leaf { text: sql(&expression), elements: elements(&expression) });
    Node::Leaf(leaves.len() - 1)
}

/// The operands of `a AND b AND c`, which the parser nests.
fn chain(
    expression: &SyntaxNode,
    word: SyntaxKind,
    leaves: &mut Vec<Leaf>,
    operands: &mut Vec<Node>,
) {
    for child in expression.children() {
        let child = bare(&child);
        if joins(&child, word) {
            chain(&child, word, leaves, operands);
        } else {
            operands.push(node(&child, leaves));
        }
    }
}

fn joins(expression: &SyntaxNode, word: SyntaxKind) -> bool {
    expression.kind() == SyntaxKind::BIN_EXPR && has(expression, word)
}

/// Whether one of the node's own words is of this kind.
fn has(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    node.children_with_tokens().any(|part| part.kind() == kind)
}

/// The expression without the parentheses around all of it.
fn bare(expression: &SyntaxNode) -> SyntaxNode {
    let mut bare = expression.clone();
    while bare.kind() == SyntaxKind::PAREN_EXPR {
        let Some(inside) = bare.first_child() else { break };
        bare = inside;
    }
    bare
}

fn sql(node: &SyntaxNode) -> String {
    node.text().to_string().trim().to_owned()
}

/// What `x = ANY (ARRAY[a, b])` and `x IN (a, b)` say one by one.
fn elements(expression: &SyntaxNode) -> Vec<String> {
    let mut operands = expression.children();
    let (Some(left), Some(right)) = (operands.next(), operands.last()) else { return Vec::new() };
    let values = if has(expression, SyntaxKind::IN_KW) {
        right.children().map(|value| sql(&value)).collect()
    } else if has(expression, SyntaxKind::EQ) && right.kind() == SyntaxKind::CALL_EXPR {
        let any = right.first_child().filter(|any| any.kind() == SyntaxKind::ANY_FN);
        any.and_then(|any| any.first_child()).map_or_else(Vec::new, |array| array_elements(&array))
    } else {
        Vec::new()
    };
    let left = sql(&left);
    values.into_iter().map(|value| format!("{left} = {value}")).collect()
}

/// The elements of an array that is spelled out, as SQL of their own.
fn array_elements(array: &SyntaxNode) -> Vec<String> {
    let array = bare(array);
    match array.kind() {
        SyntaxKind::ARRAY_EXPR => array.children().map(|value| sql(&value)).collect(),
        SyntaxKind::CAST_EXPR => {
            let Some(inside) = array.first_child().map(|inside| bare(&inside)) else {
                return Vec::new();
            };
            if inside.kind() != SyntaxKind::LITERAL {
                return array_elements(&inside);
            }
            let data_type = array.last_child().map(|data_type| sql(&data_type)).unwrap_or_default();
            let Some(data_type) = data_type.strip_suffix("[]") else { return Vec::new() };
            let values = words::array_literal(&words::string(&sql(&inside)));
            let quoted = values.iter().map(|value| crate::catalog::quote_literal(value));
            quoted.map(|value| format!("{value}::{data_type}")).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree with its clauses in brackets.
    fn drawn(text: &str) -> String {
        fn draw(node: &Node, leaves: &[Leaf]) -> String {
            let all = |nodes: &[Node], word: &str| {
                let parts: Vec<String> = nodes.iter().map(|node| draw(node, leaves)).collect();
                format!("({})", parts.join(word))
            };
            match node {
                Node::And(nodes) => all(nodes, " and "),
                Node::Or(nodes) => all(nodes, " or "),
                Node::Not(node) => format!("not {}", draw(node, leaves)),
                Node::Leaf(leaf) => format!("[{}]", leaves[*leaf].text),
            }
        }
        let condition = condition(text);
        draw(&condition.tree, &condition.leaves)
    }

    #[test]
    fn conditions_come_apart_at_and_or_and_not() {
        for (text, expected) in [
            ("((a >= 1) AND (a <= 5))", "([a >= 1] and [a <= 5])"),
            ("(a > 0)", "[a > 0]"),
            ("active", "[active]"),
            ("(NOT active)", "not [active]"),
            ("(NOT ((a > 1) OR (b IS NULL)))", "not ([a > 1] or [b IS NULL])"),
            (
                "((a > 1) OR ((b < 2) AND ((c = 3) OR (d = 4))))",
                "([a > 1] or ([b < 2] and ([c = 3] or [d = 4])))",
            ),
            ("a > 1 AND b > 2 AND c > 3", "([a > 1] and [b > 2] and [c > 3])"),
            ("a OR b AND NOT c OR d", "([a] or ([b] and not [c]) or [d])"),
            ("(a = (b IS NOT NULL))", "[a = (b IS NOT NULL)]"),
            ("((a IS NULL) = (b IS NULL))", "[(a IS NULL) = (b IS NULL)]"),
            ("((a <> ''::text) IS TRUE)", "[(a <> ''::text) IS TRUE]"),
            ("(a = 'x AND y OR z'::text)", "[a = 'x AND y OR z'::text]"),
            ("(a <> 'it''s'::text)", "[a <> 'it''s'::text]"),
            ("((a)::text ~ '^[a-z]+$'::text)", "[(a)::text ~ '^[a-z]+$'::text]"),
            ("((a ~~ 'x%'::text) AND (length(a) > 3))", "([a ~~ 'x%'::text] and [length(a) > 3])"),
            (
                "CASE WHEN (a AND b) THEN (c > 1) ELSE true END",
                "[CASE WHEN (a AND b) THEN (c > 1) ELSE true END]",
            ),
            ("((\"Order\" > 0) AND (\"and\" < 1))", "([\"Order\" > 0] and [\"and\" < 1])"),
            (
                "(COALESCE(a, b) IS NOT NULL) AND (num_nonnulls(a, b) = 1)",
                "([COALESCE(a, b) IS NOT NULL] and [num_nonnulls(a, b) = 1])",
            ),
            ("(d >= '2020-01-01'::date)", "[d >= '2020-01-01'::date]"),
            ("(a BETWEEN 1 AND 5) AND b", "([a BETWEEN 1 AND 5] and [b])"),
            ("(p && '[1,2)'::int4range)", "[p && '[1,2)'::int4range]"),
            (
                "((j ? 'k'::text) AND (jsonb_typeof(j) = 'object'::text))",
                "([j ? 'k'::text] and [jsonb_typeof(j) = 'object'::text])",
            ),
            (
                "(EXTRACT(year FROM d) > (2000)::numeric)",
                "[EXTRACT(year FROM d) > (2000)::numeric]",
            ),
            (
                "((VALUE)::text ~* 'x'::text) OR (VALUE IS NULL)",
                "([(VALUE)::text ~* 'x'::text] or [VALUE IS NULL])",
            ),
        ] {
            assert_eq!(drawn(text), expected);
        }
    }

    #[test]
    fn what_is_not_understood_is_one_clause() {
        for text in ["a >", "a > 1) AND (b", "a, b", "a FROM t", "", "'"] {
            assert_eq!(drawn(text), format!("[{text}]"));
        }
    }

    #[test]
    fn lists_come_apart_into_equalities() {
        let elements = |text: &str| condition(text).leaves[0].elements.clone();
        assert_eq!(
            elements(
                "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))"
            ),
            ["(status)::text = 'a'::character varying", "(status)::text = 'b'::character varying"]
        );
        assert_eq!(elements("(a = ANY (ARRAY[1, '-2'::integer]))"), ["a = 1", "a = '-2'::integer"]);
        assert_eq!(elements("a IN (1, 2)"), ["a = 1", "a = 2"]);
        assert_eq!(
            elements("(a = ANY ('{x,\"y z\"}'::text[]))"),
            ["a = 'x'::text", "a = 'y z'::text"]
        );
        for other in ["a = 1", "(a <> ALL (ARRAY[1, 2]))", "a NOT IN (1, 2)", "(1 = ANY (a))"] {
            assert!(elements(other).is_empty(), "{other}");
        }
    }
}
