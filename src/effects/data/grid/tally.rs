//! Counts of different values, exact, in a table of 64-bit keys.

/// Spreads the bits of a key.
#[inline]
pub fn mix(key: u64) -> u64 {
    fold(key ^ 0x2D35_8DCC_AA6C_78A5, 0x8BB8_4B93_962E_ACC9)
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the two halves of a product")]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[inline]
fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + 8].try_into().map_or(0, u64::from_le_bytes)
}

/// A hash of bytes in the manner of wyhash: sixteen bytes a multiplication, the length in the last.
#[inline]
pub fn hash(bytes: &[u8]) -> u64 {
    const SECRET: [u64; 3] = [0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB, 0x8EBC_6AF0_9C88_C6E3];
    let n = bytes.len();
    let (a, b, mut seed) = if n <= 16 {
        let seed = SECRET[0];
        if n >= 8 {
            (word(bytes, 0), word(bytes, n - 8), seed)
        } else if n >= 4 {
            let half = |at: usize| bytes[at..at + 4].try_into().map_or(0, u32::from_le_bytes);
            (u64::from(half(0)), u64::from(half(n - 4)), seed)
        } else if n > 0 {
            (u64::from(bytes[0]) << 16 | u64::from(bytes[n / 2]) << 8 | u64::from(bytes[n - 1]), 0, seed)
        } else {
            (0, 0, seed)
        }
    } else {
        let (mut seed, mut at) = (SECRET[0], 0);
        while at + 16 < n {
            seed = fold(word(bytes, at) ^ SECRET[1], word(bytes, at + 8) ^ seed);
            at += 16;
        }
        (word(bytes, n - 16), word(bytes, n - 8), seed)
    };
    seed = fold(a ^ SECRET[1], b ^ seed);
    fold(seed ^ SECRET[2], n as u64 ^ SECRET[1])
}

/// A key, how often it came, and a number of the caller's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// What is counted.
    pub key: u64,
    /// How often; zero in a free slot.
    pub count: u32,
    /// Whatever belongs to it, such as the number of its text.
    pub note: u32,
}

/// An open-addressing table.
#[derive(Clone, Debug)]
pub struct Tally {
    slots: Vec<Entry>,
    n: usize,
}

impl Default for Tally {
    fn default() -> Self {
        Self { slots: vec![Entry::default(); 64], n: 0 }
    }
}

impl Tally {
    /// A table that takes `n` keys without growing.
    pub fn with_room(n: usize) -> Self {
        Self { slots: vec![Entry::default(); (n * 2).next_power_of_two().max(64)], n: 0 }
    }

    /// Different keys.
    pub fn len(&self) -> usize {
        self.n
    }

    /// Whether nothing has been counted.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Bytes of memory.
    pub fn n_bytes(&self) -> usize {
        self.slots.len() * size_of::<Entry>()
    }

    /// Those that were counted, in no order.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        self.slots.iter().copied().filter(|entry| entry.count > 0)
    }

    /// Counts `key` `by` more; `note` makes the note of a new one.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "an index into a table in memory")]
    pub fn add(&mut self, key: u64, by: u32, note: impl FnOnce() -> u32) {
        let mask = self.slots.len() - 1;
        let mut at = mix(key) as usize & mask;
        loop {
            let slot = &mut self.slots[at];
            if slot.count == 0 {
                *slot = Entry { key, count: by, note: note() };
                self.n += 1;
                if self.n * 8 > self.slots.len() * 5 {
                    self.grow();
                }
                return;
            }
            if slot.key == key {
                slot.count = slot.count.saturating_add(by);
                return;
            }
            at = (at + 1) & mask;
        }
    }

    /// How often `key` was counted.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "an index into a table in memory")]
    pub fn get(&self, key: u64) -> u64 {
        let mask = self.slots.len() - 1;
        let mut at = mix(key) as usize & mask;
        loop {
            let slot = &self.slots[at];
            if slot.count == 0 || slot.key == key {
                return u64::from(slot.count);
            }
            at = (at + 1) & mask;
        }
    }

    /// Whether `key` was counted.
    #[inline]
    pub fn has(&self, key: u64) -> bool {
        self.get(key) > 0
    }

    #[cold]
    #[expect(clippy::cast_possible_truncation, reason = "an index into a table in memory")]
    fn grow(&mut self) {
        let wider = vec![Entry::default(); self.slots.len() * 2];
        let mask = wider.len() - 1;
        for entry in std::mem::replace(&mut self.slots, wider) {
            if entry.count > 0 {
                let mut at = mix(entry.key) as usize & mask;
                while self.slots[at].count > 0 {
                    at = (at + 1) & mask;
                }
                self.slots[at] = entry;
            }
        }
    }
}
