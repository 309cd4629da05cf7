//! stub
use super::types::Resolved;
pub fn ordinary(_resolved: &Resolved) -> Vec<String> {
    Vec::new()
}
pub fn mined(_expression: &str, _resolved: &Resolved) -> Vec<String> {
    Vec::new()
}
pub fn distinct(_resolved: &Resolved, _n: usize) -> Option<String> {
    None
}
