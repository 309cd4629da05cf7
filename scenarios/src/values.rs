//! Made values, each from the given random numbers alone.

use fake::Fake as _;
use fake::faker::address::en::{CityName, StreetName};
use fake::faker::company::en::CompanyName;
use fake::faker::internet::en::{DomainSuffix, Username};
use fake::faker::lorem::en::{Paragraph, Sentence, Word, Words};
use fake::faker::name::en::{FirstName, LastName, Name};
use fake::faker::phone_number::en::PhoneNumber;
use rand::Rng;
use rand::rngs::SmallRng;

use crate::workload::{Fake, Value};

/// A value of this kind. `number` is that of the operation, which makes addresses, user names
/// and UUIDs unique in a run.
pub fn fake(kind: Fake, random: &mut SmallRng, number: u64) -> Value {
    let text: String = match kind {
        Fake::Name => Name().fake_with_rng(random),
        Fake::Email => {
            let first: String = FirstName().fake_with_rng(random);
            let last: String = LastName().fake_with_rng(random);
            let suffix: String = DomainSuffix().fake_with_rng(random);
            let tag = tag(random, number);
            format!("{}.{}.{tag}@example.{suffix}", plain(&first), plain(&last))
        }
        Fake::Username => {
            let name: String = Username().fake_with_rng(random);
            format!("{}_{}", plain(&name), tag(random, number))
        }
        Fake::Word => Word().fake_with_rng(random),
        Fake::Title => {
            let words: Vec<String> = Words(2..5).fake_with_rng(random);
            words.join(" ")
        }
        Fake::Sentence => Sentence(4..10).fake_with_rng(random),
        Fake::Paragraph => Paragraph(2..5).fake_with_rng(random),
        Fake::Company => CompanyName().fake_with_rng(random),
        Fake::City => CityName().fake_with_rng(random),
        Fake::Street => StreetName().fake_with_rng(random),
        Fake::Phone => PhoneNumber().fake_with_rng(random),
        Fake::Url => {
            let word: String = Word().fake_with_rng(random);
            format!("https://example.com/{word}/{}", tag(random, number))
        }
        Fake::Uuid => uuid(random),
    };
    Value::Text(text.into())
}

/// Lower-case letters and digits only.
fn plain(text: &str) -> String {
    text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Tells values of different operations apart, and those of one operation, and those of runs.
fn tag(random: &mut SmallRng, number: u64) -> String {
    format!("{number:x}{:08x}", random.random::<u32>())
}

/// Version 4 of RFC 9562.
fn uuid(random: &mut SmallRng) -> String {
    let bits = random.random::<u128>() & !(0xF << 76) & !(0x3 << 62) | (4 << 76) | (2 << 62);
    let hex = format!("{bits:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
