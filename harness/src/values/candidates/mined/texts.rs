//! Texts, bytes and addresses.

use std::net::IpAddr;

use super::{Words, patterns};

/// Longer ones take long to send.
const LONGEST: usize = 100_000;

/// Texts that decide, of at most `limit` characters, or bytes where those are counted.
pub(super) fn texts(words: &Words, limit: Option<u32>, bytes: bool) -> Vec<String> {
    let mut texts = vec![String::new(), " ".to_owned()];
    for text in &words.texts {
        texts.extend(variants(text));
        if words.calls(&[
            "left",
            "right",
            "substr",
            "substring",
            "starts_with",
            "strpos",
            "position",
            "split_part",
            "string_to_array",
        ]) {
            texts.extend([format!("{text}a"), format!("a{text}"), format!("a{text}a")]);
        }
    }
    for (operator, pattern) in &words.patterns {
        for text in patterns::matching(operator, pattern) {
            texts.extend(variants(&text));
            texts.push(format!("{text}!"));
            texts.push(format!("é{text}"));
            let shorter = text.char_indices().nth(1).map(|(place, _)| text[place..].to_owned());
            texts.extend(shorter);
        }
    }
    if words.calls(&["length", "char_length", "character_length", "octet_length", "bit_length"]) {
        for count in words.counts(LONGEST) {
            texts.push("x".repeat(count));
            texts.push(" ".repeat(count));
            if words.calls(&["bit_length"]) {
                texts.push("x".repeat(count / 8));
            }
            if count <= 1000 {
                texts.push("é".repeat(count));
            }
        }
    } else {
        texts.extend(words.numbers.iter().cloned());
    }
    let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    texts.retain(|text| {
        let length = if bytes { text.len() } else { text.chars().count() };
        length <= limit && !text.contains('\0')
    });
    texts
}

/// The text, in other cases and with blanks about it.
fn variants(text: &str) -> [String; 6] {
    let mut letters = text.chars();
    let capital = letters.next().map(|first| first.to_uppercase().chain(letters).collect());
    [
        text.to_owned(),
        text.to_uppercase(),
        text.to_lowercase(),
        capital.unwrap_or_default(),
        format!(" {text}"),
        format!("{text} "),
    ]
}

fn is_uuid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| {
            if hyphens.contains(&place) { byte == b'-' } else { byte.is_ascii_hexdigit() }
        })
}

/// The UUIDs in the expression, and each with another last digit.
pub(super) fn uuids(words: &Words) -> Vec<String> {
    let constants = words.texts.iter().filter(|text| is_uuid(text));
    let both = constants.flat_map(|text| {
        let last = if text.ends_with('1') { '2' } else { '1' };
        [text.clone(), format!("{}{last}", &text[..35])]
    });
    both.collect()
}

pub(super) fn bytes(words: &Words) -> Vec<String> {
    let constants = words.texts.iter().filter(|text| {
        text.strip_prefix("\\x").is_some_and(|digits| {
            digits.len() % 2 == 0 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    });
    let mut bytes: Vec<String> = constants.cloned().collect();
    let counts = words.counts(LONGEST).into_iter();
    bytes.extend(counts.map(|count| format!("\\x{}", "61".repeat(count))));
    bytes
}

pub(super) fn bits(words: &Words, length: Option<u32>, varying: bool) -> Vec<String> {
    let length = length.map_or(usize::MAX, |length| usize::try_from(length).unwrap_or(usize::MAX));
    let fits = |count: usize| if varying { count <= length } else { count == length };
    let constants = words
        .texts
        .iter()
        .filter(|text| fits(text.len()) && text.bytes().all(|byte| byte == b'0' || byte == b'1'));
    let mut bits: Vec<String> = constants.cloned().collect();
    let counts = words.counts(LONGEST).into_iter().filter(|count| fits(*count));
    bits.extend(counts.map(|count| "1".repeat(count)));
    bits
}

/// An address and the length of its mask.
fn address(text: &str) -> Option<(IpAddr, u8)> {
    let (address, mask) = text.split_once('/').unwrap_or((text, ""));
    let address: IpAddr = address.parse().ok()?;
    let widest = if address.is_ipv4() { 32 } else { 128 };
    let mask = if mask.is_empty() { widest } else { mask.parse().ok()? };
    (mask <= widest).then_some((address, mask))
}

/// The addresses in the expression with those beside them and beside their networks.
pub(super) fn addresses(words: &Words) -> Vec<String> {
    let mut addresses = Vec::new();
    for text in &words.texts {
        let Some((address, mask)) = address(text) else { continue };
        addresses.push(text.clone());
        let (number, width) = match address {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let size = 1_u128.checked_shl(width - u32::from(mask)).unwrap_or(u128::MAX);
        let beside = [
            number.checked_add(1),
            number.checked_sub(1),
            number.checked_add(size - 1),
            number.checked_add(size),
        ];
        addresses.extend(beside.into_iter().flatten().filter_map(|number| {
            match address {
                IpAddr::V4(_) => u32::try_from(number)
                    .ok()
                    .map(|number| IpAddr::from(number.to_be_bytes()).to_string()),
                IpAddr::V6(_) => Some(IpAddr::from(number.to_be_bytes()).to_string()),
            }
        }));
    }
    if words.calls(&["family", "masklen", "host"]) {
        addresses.extend(["192.0.2.1".to_owned(), "2001:db8::1".to_owned()]);
        let masks = words.counts(128).into_iter();
        addresses.extend(masks.flat_map(|mask| {
            let small = (mask <= 32).then(|| format!("192.0.2.1/{mask}"));
            small.into_iter().chain([format!("2001:db8::1/{mask}")])
        }));
    }
    addresses
}

/// The networks in the expression, and those with masks of the lengths that are compared.
pub(super) fn networks(words: &Words) -> Vec<String> {
    let constants = words.texts.iter().filter(|text| {
        address(text).is_some_and(|(address, mask)| {
            let bits = match address {
                IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
                IpAddr::V6(address) => u128::from(address),
            };
            bits.checked_shl(u32::from(mask)).unwrap_or_default() == 0
        })
    });
    let mut networks: Vec<String> = constants.cloned().collect();
    for mask in words.counts(128) {
        if mask <= 32 {
            networks.push(format!("0.0.0.0/{mask}"));
        }
        networks.push(format!("::/{mask}"));
    }
    networks
}
