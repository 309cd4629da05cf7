//! The hashes and the permutation of pgbench, bit by bit, so that its scripts reach the same rows.

/// FNV-1a over the eight bytes, lowest first (Fowler, Noll and Vo).
pub(super) fn fnv1a(value: i64, seed: i64) -> i64 {
    const BASIS: u64 = 0xCBF2_9CE4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01B3;
    let start = BASIS ^ seed.cast_unsigned();
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
    value.to_le_bytes().iter().fold(start, mix).cast_signed()
}

/// MurmurHash2 of one 64-bit number (Austin Appleby).
pub(super) fn murmur2(value: i64, seed: i64) -> i64 {
    const M: u64 = 0xC6A4_A793_5BD1_E995;
    const R: u32 = 47;
    let mut result = seed.cast_unsigned() ^ M.wrapping_mul(8);
    let mut k = value.cast_unsigned().wrapping_mul(M);
    k = (k ^ (k >> R)).wrapping_mul(M);
    result = (result ^ k).wrapping_mul(M);
    result = (result ^ (result >> R)).wrapping_mul(M);
    (result ^ (result >> R)).cast_signed()
}

/// Postgres's own generator, xoroshiro128** (Blackman and Vigna), seeded as it does.
struct Generator(u64, u64);

impl Generator {
    fn seeded(seed: u64) -> Self {
        let mut state = seed;
        let mut next = || {
            // SplitMix64.
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut value = state;
            value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            value ^ (value >> 31)
        };
        Self(next(), next())
    }

    fn next(&mut self) -> u64 {
        let (s0, mut s1) = (self.0, self.1);
        s1 ^= s0;
        let value = s0.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        self.0 = s0.rotate_left(24) ^ s1 ^ (s1 << 16);
        self.1 = s1.rotate_left(37);
        value
    }

    /// A number from 0 to `most`, without favouring any.
    fn up_to(&mut self, most: u64) -> u64 {
        if most == 0 {
            return 0;
        }
        let shift = most.leading_zeros();
        loop {
            let value = self.next() >> shift;
            if value <= most {
                return value;
            }
        }
    }
}

/// Where `value` comes to in a pseudo-random order of all numbers below `size`.
///
/// Six rounds; each stirs as many numbers as the largest power of two has, once from the lower
/// end and once from the upper, and moves all of them on. Each of these steps reaches every
/// number once, so that all of them do.
pub(super) fn permute(value: i64, size: i64, seed: i64) -> i64 {
    if size < 2 {
        return 0;
    }
    let size = size.cast_unsigned();
    let mut place = value.cast_unsigned() % size;
    let mut generator = Generator::seeded(seed.cast_unsigned());
    let bits = 63 - size.leading_zeros();
    let mask = (1_u64 << bits) - 1;
    let stir = |generator: &mut Generator, place: u64| {
        let odd = (generator.next() & mask) | 1;
        let flip = generator.next() & mask;
        if place > mask {
            return place;
        }
        let mixed = (place.wrapping_mul(odd) ^ flip) & mask;
        ((mixed << 1) & mask) | (mixed >> (bits - 1))
    };
    for _ in 0..6 {
        place = stir(&mut generator, place);
        place = size - 1 - stir(&mut generator, size - 1 - place);
        place = (place + generator.up_to(size - 1)) % size;
    }
    place.cast_signed()
}
