//! stub
pub enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Leaf(usize),
}
#[derive(Debug, Clone)]
pub struct Leaf {
    pub text: String,
    pub elements: Vec<String>,
}
#[derive(Debug, Clone)]
pub struct Condition {
    pub leaves: Vec<Leaf>,
}
pub fn condition(text: &str) -> Condition {
    Condition { leaves: vec![Leaf { text: text.to_owned(), elements: vec![] }] }
}
pub fn columns<'a>(text: &str, names: &[&'a str]) -> Vec<&'a str> {
    names.iter().copied().filter(|n| crate::sql::mentions(text, n)).collect()
}
pub enum Literal {
    Number(String),
    Text(String),
    Pattern(String),
}
pub fn literals(_text: &str) -> Vec<Literal> {
    Vec::new()
}
pub fn with_value(text: &str, r: &str) -> String {
    text.replace("VALUE", r)
}
