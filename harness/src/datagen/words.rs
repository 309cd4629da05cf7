//! Texts as people write them, from the word lists of the crate `fake`.
//!
//! Addresses, domains and telephone numbers are those set aside for examples, so that no row
//! ever reaches a real person.

use fake::Fake;
use fake::faker::address::raw::{
    CityPrefix, CitySuffix, CountryCode, CountryName, StateAbbr, StateName, StreetSuffix, TimeZone,
};
use fake::faker::company::raw::{CompanySuffix, Profession};
use fake::faker::currency::raw::CurrencyCode;
use fake::faker::filesystem::raw::FileExtension;
use fake::faker::internet::raw::UserAgent;
use fake::faker::lorem::raw::Word;
use fake::faker::name::raw::{FirstName, LastName};
use fake::locales::EN;

use super::calendar::{write_number, write_padded};
use super::dice::Dice;
use super::names::Words;
use super::tail::{Tail, shorten};

/// Writes a text into the empty buffer `out`, of at most `longest` characters.
///
/// `person` stands at the person that the row is about, so that all columns name the same one.
/// With `number`, no other number gives the same text, also in small letters and unless the
/// number alone is longer than `longest`.
pub(super) fn write(
    words: Words,
    dice: &mut Dice,
    mut person: Dice,
    number: Option<u64>,
    longest: usize,
    out: &mut Vec<u8>,
) {
    let mut first: &str = FirstName(EN).fake_with_rng(&mut person);
    let mut last: &str = LastName(EN).fake_with_rng(&mut person);
    // Names such as O'Conner would not do in addresses.
    if last.contains('\'') {
        (first, last) = (first, "Smith");
    }
    let word = |dice: &mut Dice| -> &'static str { Word(EN).fake_with_rng(dice) };
    let mut tail = Tail { number, separator: b"-" };
    match words {
        Words::Email => {
            small(first, out);
            out.push(b'.');
            small(last, out);
            let domain = dice.pick(&["@example.com", "@example.net", "@example.org"]);
            let domain = domain.unwrap_or("@example.com");
            let digits = number.map_or(0, |number| number.checked_ilog10().unwrap_or(0) + 1);
            out.truncate(longest.saturating_sub(digits as usize + domain.len()).max(1));
            tail.number
                .take()
                .into_iter()
                .for_each(|number| write_number(number.cast_signed(), out));
            out.extend_from_slice(domain.as_bytes());
        }
        Words::FirstName => tail.after(b" ", out, first),
        Words::LastName => tail.after(b" ", out, last),
        Words::FullName => {
            out.extend_from_slice(first.as_bytes());
            out.push(b' ');
            tail.after(b" ", out, last);
        }
        Words::UserName => {
            small(first, out);
            if tail.number.is_none() {
                write_number(dice.between(1, 99), out);
            }
            tail.separator = b"_";
        }
        Words::PasswordHash => {
            tail.number = number.filter(|_| longest < 97);
            out.extend_from_slice(b"$argon2id$v=19$m=19456,t=2,p=1$");
            base64(dice, 22, out);
            out.push(b'$');
            base64(dice, 43, out);
        }
        // What is random enough differs anyway.
        Words::Token => {
            tail.number = number.filter(|_| longest < 40);
            hex(dice, 40, out);
        }
        Words::Uuid => {
            tail.number = number.filter(|_| longest < 36);
            super::datum::write(super::types::uuid(dice), &[], out);
        }
        Words::Company => {
            out.extend_from_slice(last.as_bytes());
            out.push(b' ');
            tail.after(b" ", out, CompanySuffix(EN).fake_with_rng(dice));
        }
        Words::Job => tail.after(b" ", out, Profession(EN).fake_with_rng(dice)),
        Words::Phone => {
            // 555-01xx is never given to anyone.
            out.extend_from_slice(b"+1-");
            write_number(dice.between(201, 989), out);
            out.extend_from_slice(b"-555-01");
            write_padded(dice.between(0, 99), 2, out);
        }
        Words::Street => {
            write_number(dice.between(1, 999), out);
            out.push(b' ');
            let name: &str = LastName(EN).fake_with_rng(dice);
            out.extend_from_slice(name.as_bytes());
            out.push(b' ');
            tail.after(b" ", out, StreetSuffix(EN).fake_with_rng(dice));
        }
        Words::City => {
            let prefix: &str = CityPrefix(EN).fake_with_rng(dice);
            let name: &str = FirstName(EN).fake_with_rng(dice);
            out.extend_from_slice(prefix.as_bytes());
            out.push(b' ');
            out.extend_from_slice(name.as_bytes());
            tail.after(b" ", out, CitySuffix(EN).fake_with_rng(dice));
        }
        Words::State if longest < 14 => out.extend_from_slice(state(dice).as_bytes()),
        Words::State => tail.after(b" ", out, StateName(EN).fake_with_rng(dice)),
        Words::Zip => write_padded(dice.between(501, 99_950), 5, out),
        Words::Country if longest < 4 => out.extend_from_slice(country(dice).as_bytes()),
        Words::Country => tail.after(b" ", out, CountryName(EN).fake_with_rng(dice)),
        Words::CountryCode => out.extend_from_slice(country(dice).as_bytes()),
        Words::TimeZone => tail.after(b"-", out, TimeZone(EN).fake_with_rng(dice)),
        Words::Locale if longest < 5 => one_of(&["en", "de", "fr", "es", "ja"], dice, out),
        Words::Locale => one_of(&["en-US", "en-GB", "de-DE", "fr-FR", "es-ES", "ja-JP"], dice, out),
        Words::Currency => {
            // Half of all money is in one of a few.
            if dice.percent(50) {
                one_of(&["EUR", "USD", "GBP"], dice, out);
            } else {
                tail.after(b"-", out, CurrencyCode(EN).fake_with_rng(dice));
            }
        }
        Words::Url => {
            out.extend_from_slice(b"https://www.example.com/");
            out.extend_from_slice(word(dice).as_bytes());
            out.push(b'/');
            tail.after(b"-", out, word(dice));
        }
        Words::Domain => {
            out.extend_from_slice(word(dice).as_bytes());
            tail.take(out);
            out.extend_from_slice(b".example.com");
        }
        Words::Ip => {
            let number = tail.number.take().unwrap_or_else(|| dice.next());
            super::types::write_address(number, out);
        }
        Words::UserAgent => tail.after(b" ", out, UserAgent(EN).fake_with_rng(dice)),
        Words::FileName => {
            out.extend_from_slice(word(dice).as_bytes());
            tail.separator = b"_";
            tail.take(out);
            out.push(b'.');
            let extension: &str = FileExtension(EN).fake_with_rng(dice);
            out.extend_from_slice(extension.as_bytes());
        }
        Words::MimeType => {
            one_of(&["image/png", "image/jpeg", "text/plain", "application/pdf"], dice, out);
        }
        Words::Color => {
            out.push(b'#');
            hex(dice, 6, out);
        }
        Words::Slug => {
            out.extend_from_slice(word(dice).as_bytes());
            out.push(b'-');
            out.extend_from_slice(word(dice).as_bytes());
        }
        Words::Code => {
            for _ in 0..3 {
                out.push(b'A' + u8::try_from(dice.below(26)).unwrap_or(0));
            }
            if number.is_none() {
                out.push(b'-');
                write_number(dice.between(1000, 9999), out);
            }
        }
        Words::Status => {
            // The first that comes to mind is the most frequent.
            let all = ["active", "active", "active", "pending", "pending", "done", "cancelled"];
            one_of(&all, dice, out);
        }
        Words::Role => one_of(&["member", "member", "member", "editor", "admin"], dice, out),
        Words::Title => {
            let start = out.len();
            for at in 0..dice.between(2, 4) {
                if at > 0 {
                    out.push(b' ');
                }
                out.extend_from_slice(word(dice).as_bytes());
            }
            out[start].make_ascii_uppercase();
            tail.separator = b" ";
        }
        Words::Paragraph => sentences(dice, longest, out),
        Words::Word => out.extend_from_slice(word(dice).as_bytes()),
    }
    shorten(longest, out);
    tail.add(longest, out);
}

fn small(name: &str, out: &mut Vec<u8>) {
    out.extend(name.bytes().filter(u8::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()));
}

fn one_of(from: &[&str], dice: &mut Dice, out: &mut Vec<u8>) {
    out.extend_from_slice(dice.pick(from).unwrap_or_default().as_bytes());
}

fn state(dice: &mut Dice) -> &'static str {
    StateAbbr(EN).fake_with_rng(dice)
}

fn country(dice: &mut Dice) -> &'static str {
    CountryCode(EN).fake_with_rng(dice)
}

fn sentences(dice: &mut Dice, longest: usize, out: &mut Vec<u8>) {
    for sentence in 0..dice.between(1, 3) {
        if sentence > 0 {
            out.push(b' ');
        }
        let start = out.len();
        for at in 0..dice.between(4, 9) {
            if at > 0 {
                out.push(b' ');
            }
            let word: &str = Word(EN).fake_with_rng(dice);
            out.extend_from_slice(word.as_bytes());
        }
        out[start].make_ascii_uppercase();
        out.push(b'.');
        if out.len() >= longest {
            break;
        }
    }
}

fn hex(dice: &mut Dice, digits: usize, out: &mut Vec<u8>) {
    letters(b"0123456789abcdef", dice, digits, out);
}

fn base64(dice: &mut Dice, digits: usize, out: &mut Vec<u8>) {
    const ALL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    letters(ALL, dice, digits, out);
}

/// So many letters of an alphabet whose size is a power of two.
fn letters(alphabet: &[u8], dice: &mut Dice, count: usize, out: &mut Vec<u8>) {
    let bits = alphabet.len().ilog2();
    let (mut left, mut random) = (0, 0);
    for _ in 0..count {
        if left < bits {
            (left, random) = (64, dice.next());
        }
        out.push(alphabet[random as usize & (alphabet.len() - 1)]);
        random >>= bits;
        left -= bits;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn text(words: Words, row: u64, number: Option<u64>, longest: usize) -> String {
        let mut out = Vec::new();
        write(words, &mut Dice::at(1, row), Dice::at(2, row), number, longest, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_of_a_row_are_about_the_same_person() {
        for row in 0..50 {
            let name = text(Words::FullName, row, None, 100).to_lowercase();
            let email = text(Words::Email, row, None, 100);
            let first = name.split(' ').next().unwrap();
            assert!(email.starts_with(first) && email.contains("@example."), "{name} {email}");
        }
    }

    #[test]
    fn texts_with_a_number_differ_however_short_and_in_small_letters() {
        for words in [Words::Email, Words::FullName, Words::Code, Words::Url, Words::Slug] {
            for longest in [40, 18, 3] {
                let made = (0..500).map(|row| text(words, row, Some(row), longest).to_lowercase());
                let made: BTreeSet<_> = made.collect();
                let all = made.iter().all(|text| text.len() <= longest.max(13));
                assert!(made.len() == 500 || words == Words::Email && longest == 3, "{made:?}");
                assert!(all || words == Words::Email, "{made:?}");
            }
        }
    }
}
