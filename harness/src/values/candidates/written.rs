//! Arrays, rows and ranges as the text that Postgres reads them from.

/// An array of one dimension; `None` is NULL.
pub(super) fn array(elements: &[Option<String>]) -> String {
    let elements: Vec<String> = elements
        .iter()
        .map(|element| match element {
            None => "NULL".to_owned(),
            Some(element) => {
                format!("\"{}\"", element.replace('\\', "\\\\").replace('"', "\\\""))
            }
        })
        .collect();
    format!("{{{}}}", elements.join(","))
}

/// A row of a composite type; `None` is NULL.
pub(super) fn row(attributes: &[Option<String>]) -> String {
    let attributes: Vec<String> = attributes.iter().map(|value| part(value.as_deref())).collect();
    format!("({})", attributes.join(","))
}

/// A range with its brackets, such as `[` and `)`; a missing end is open.
pub(super) fn range(
    open: char,
    lower: Option<&str>,
    upper: Option<&str>,
    close: char,
    multirange: bool,
) -> String {
    let range = format!("{open}{},{}{close}", part(lower), part(upper));
    if multirange { format!("{{{range}}}") } else { range }
}

fn part(value: Option<&str>) -> String {
    value.map_or_else(String::new, |value| {
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\"\""))
    })
}
