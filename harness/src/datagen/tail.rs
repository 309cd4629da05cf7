//! The number that makes a text different from all others.

use super::calendar::write_number;

/// The number that makes a text distinct, and what goes before it.
pub(super) struct Tail {
    pub(super) number: Option<u64>,
    pub(super) separator: &'static [u8],
}

impl Tail {
    pub(super) fn after(&mut self, separator: &'static [u8], out: &mut Vec<u8>, last: &str) {
        out.extend_from_slice(last.as_bytes());
        self.separator = separator;
    }

    /// Writes it here, in the middle of the text.
    pub(super) fn take(&mut self, out: &mut Vec<u8>) {
        if let Some(number) = self.number.take() {
            out.extend_from_slice(self.separator);
            write_number(number.cast_signed(), out);
        }
    }

    /// Writes it at the end, in place of the last letters if there is no room.
    pub(super) fn add(self, longest: usize, out: &mut Vec<u8>) {
        let Some(number) = self.number else { return };
        let mut tail = Vec::with_capacity(24);
        tail.extend_from_slice(self.separator);
        write_number(number.cast_signed(), &mut tail);
        if tail.len() > longest {
            // Where there is little room, letters count too.
            tail.clear();
            base36(number, longest, &mut tail);
            out.clear();
        }
        shorten(longest.saturating_sub(tail.len()), out);
        if tail.len() == longest || out.is_empty() {
            out.clear();
        }
        out.extend_from_slice(&tail);
    }
}

/// Cuts the text, which is of ASCII but for a few names, to so many bytes.
pub(super) fn shorten(longest: usize, out: &mut Vec<u8>) {
    if out.len() > longest {
        let mut end = longest;
        while end > 0 && out[end] & 0xc0 == 0x80 {
            end -= 1;
        }
        out.truncate(end);
    }
}

/// How many texts of at most so many characters `base36` tells apart.
pub(super) fn distinct(longest: usize) -> u64 {
    36_u64.saturating_pow(u32::try_from(longest.min(20)).unwrap_or(20))
}

fn base36(mut number: u64, longest: usize, out: &mut Vec<u8>) {
    for _ in 0..longest {
        out.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize]);
        number /= 36;
        if number == 0 {
            break;
        }
    }
    out.reverse();
}
