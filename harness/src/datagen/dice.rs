//! Random numbers that depend on nothing but where they are drawn: the same seed, column and row
//! give the same numbers, in whatever order rows are made.

use rand::RngCore;

/// A short stream of random numbers that starts at a place: SplitMix64, which passes the usual
/// statistical tests and takes a few instructions a number.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// The numbers of the row `row` of what `key` stands for.
    pub(super) fn at(key: u64, row: u64) -> Self {
        Self(mix(key ^ mix(row.wrapping_add(STEP))))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number from zero to below `n`; zero if `n` is.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        // The high half of the product: no division, and no bias worth a second draw.
        u64::try_from((u128::from(self.next()) * u128::from(n)) >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low.saturating_add_unsigned(self.below(high.abs_diff(low).saturating_add(1)))
    }

    /// True in so many of a hundred cases.
    pub(super) fn percent(&mut self, share: u8) -> bool {
        self.below(100) < u64::from(share)
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.get(usize::try_from(self.below(from.len() as u64)).unwrap_or(0)).copied()
    }
}

impl RngCore for Dice {
    fn next_u32(&mut self) -> u32 {
        (self.next() >> 32) as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.next()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number for what bears these names under this seed.
pub(super) fn key(seed: u64, names: &[&str]) -> u64 {
    let mut hash = mix(seed.wrapping_add(STEP));
    for name in names {
        for byte in name.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    mix(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_gives_the_same_numbers_and_another_does_not() {
        let first = |key, row| Dice::at(key, row).next();
        assert_eq!(first(1, 2), first(1, 2));
        assert_ne!(first(1, 2), first(1, 3));
        assert_ne!(first(1, 2), first(2, 2));
        assert_ne!(key(0, &["a", "bc"]), key(0, &["ab", "c"]));
    }

    #[test]
    fn numbers_stay_within_their_bounds_and_reach_both() {
        let drawn: Vec<i64> = (0..1000).map(|row| Dice::at(7, row).between(-2, 2)).collect();
        assert_eq!(drawn.iter().min(), Some(&-2));
        assert_eq!(drawn.iter().max(), Some(&2));
    }
}
