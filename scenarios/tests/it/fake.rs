use std::collections::BTreeSet;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use shakedown_scenarios::script::render;
use shakedown_scenarios::values::fake;
use shakedown_scenarios::workload::Fake;

#[test]
fn the_same_random_numbers_make_the_same_value() {
    for kind in [Fake::Name, Fake::Email, Fake::Title, Fake::Paragraph, Fake::Uuid] {
        let made = || fake(kind, &mut SmallRng::seed_from_u64(7), 3);
        assert_eq!(made(), made());
    }
}

#[test]
fn what_has_to_be_unique_is() {
    for kind in [Fake::Email, Fake::Username, Fake::Url, Fake::Uuid] {
        let mut random = SmallRng::seed_from_u64(1);
        let all: BTreeSet<String> =
            (0..10_000).map(|number| render(&fake(kind, &mut random, number))).collect();
        assert_eq!(all.len(), 10_000, "{kind:?}");
    }
}

#[test]
fn a_uuid_is_of_version_four() {
    let made = render(&fake(Fake::Uuid, &mut SmallRng::seed_from_u64(1), 0));
    assert_eq!((made.len(), &made[14..15]), (36, "4"), "{made}");
    assert!("89ab".contains(&made[19..20]), "{made}");
}
