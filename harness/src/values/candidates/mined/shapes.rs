//! Values that are made of others: ranges, arrays, rows and JSON.

use serde_json::{Value, json};

use super::super::super::types::{Base, Resolved};
use super::super::{ordinary, unique, written};
use super::{Words, of_base, of_type};

/// An array or object of more is tried by no one who waits.
const LARGEST: usize = 1000;

pub(super) fn ranges(words: &Words, subtype: &Base, multirange: bool) -> Vec<String> {
    let mut ranges = vec![if multirange { "{}" } else { "empty" }.to_owned()];
    let mut range = |open, lower: Option<&String>, upper: Option<&String>, close| {
        let ends = (lower.map(String::as_str), upper.map(String::as_str));
        ranges.push(written::range(open, ends.0, ends.1, close, multirange));
    };
    range('(', None, None, ')');
    let inside =
        words.texts.iter().flat_map(|text| text.split(['[', '(', ',', ')', ']', '{', '}', '"']));
    let texts = inside.filter(|text| !text.is_empty()).map(str::to_owned).collect();
    let numbers = words.numbers.clone();
    let ends = Words { numbers, texts, patterns: Vec::new(), functions: words.functions.clone() };
    // Words that depend on the clock may be out of order once they are read.
    let mut ends = unique(of_base(&Words { functions: Vec::new(), ..ends }, subtype));
    // A range of integers is kept with the first that is not in it, which the largest lacks.
    if let Base::Int(bits) = subtype {
        let largest = (1_i128 << bits.saturating_sub(1).min(63)) - 1;
        ends.retain(|end| *end != largest.to_string());
    }
    for end in ends.iter().take(24) {
        range('[', Some(end), None, ')');
        range('(', Some(end), None, ')');
        range('(', None, Some(end), ']');
        range('(', None, Some(end), ')');
        range('[', Some(end), Some(end), ']');
    }
    ranges
}

pub(super) fn arrays(words: &Words, element: &Resolved) -> Vec<String> {
    let plain = ordinary(element);
    let plain = plain.first();
    let mut arrays = vec!["{}".to_owned(), written::array(&[None])];
    for value in unique(of_type(words, element)).into_iter().take(60) {
        arrays.push(written::array(&[Some(value.clone())]));
        arrays.push(written::array(&[plain.cloned(), Some(value.clone())]));
        arrays.push(written::array(&[Some(value.clone()), None]));
    }
    for count in words.counts(LARGEST) {
        arrays.push(written::array(&vec![plain.cloned(); count]));
        let different = (0..count).map(|n| super::super::distinct(element, n)).collect::<Vec<_>>();
        if different.iter().all(Option::is_some) {
            arrays.push(written::array(&different));
        }
    }
    if element.not_null() {
        arrays.retain(|array| !array.contains("NULL"));
    }
    arrays
}

pub(super) fn rows(words: &Words, attributes: &[Resolved]) -> Vec<String> {
    let plain: Vec<Option<String>> =
        attributes.iter().map(|attribute| ordinary(attribute).into_iter().next()).collect();
    let mut rows = vec![written::row(&plain)];
    for (n, attribute) in attributes.iter().enumerate() {
        let absent = (!attribute.not_null()).then_some(None);
        let values = unique(of_type(words, attribute)).into_iter().take(40).map(Some);
        for value in absent.into_iter().chain(values) {
            let mut parts = plain.clone();
            parts[n] = value;
            rows.push(written::row(&parts));
        }
    }
    rows
}

/// Values of every kind, the constants that are JSON, and objects that have what the expression
/// names as keys, with its other constants as values.
pub(super) fn json(words: &Words) -> Vec<String> {
    let mut values = vec![json!({}), json!([]), json!("text"), json!(1), json!(true), Value::Null];
    values.extend(words.texts.iter().filter_map(|text| serde_json::from_str(text).ok()));
    let numbers = super::numbers::integers(words, 64);
    let numbers: Vec<Value> =
        numbers.iter().filter_map(|number| serde_json::from_str(number).ok()).collect();
    values.extend(numbers.iter().cloned());
    for count in words.counts(LARGEST) {
        values.push(Value::Array(vec![json!(1); count]));
    }
    let keys: Vec<&String> =
        words.texts.iter().filter(|text| !text.contains(['{', '[', '"', '\0'])).collect();
    let all = |value: &Value| {
        Value::Object(keys.iter().map(|key| ((*key).clone(), value.clone())).collect())
    };
    let plain = [json!("text"), json!(1), json!(true), Value::Null, json!({}), json!([])];
    values.extend(plain.iter().map(all));
    for key in &keys {
        let constants = keys.iter().map(|text| json!(text)).chain(numbers.iter().cloned());
        for value in plain.iter().cloned().chain(constants) {
            values.push(json!({ key.as_str(): value }));
        }
    }
    // A zero byte can be written in JSON and not be kept.
    values.iter().map(ToString::to_string).filter(|json| !json.contains("\\u0000")).collect()
}
