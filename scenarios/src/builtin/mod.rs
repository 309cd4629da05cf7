//! The built-in scenarios, on the RAPIDS schema.

pub(crate) mod working_day;
