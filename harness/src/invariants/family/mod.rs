//! Rows that hang together by foreign keys, and what becomes of them.

pub mod deletions;
pub mod fate;
pub mod paths;
pub mod planted;
