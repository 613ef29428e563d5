//! What is kept of a column of texts while they go by.

use std::collections::BTreeSet;

use super::numbers::Room;
use super::read;
use super::sketch::{Distinct, Frequent};
use super::tally::{Tally, hash};
use crate::domain::profile::YearLast;

/// Texts kept to name a few.
const N_SMALLEST: usize = 10;
/// Texts named that keep a column from being numeric.
const N_NOT_NUMERIC: usize = 5;

#[derive(Clone, Debug)]
enum Store {
    /// Every different text and its count; a note is the number of the text.
    Counts(Tally, Texts),
    /// The hash of every text.
    Hashes(Vec<u64>),
    /// Too many for either.
    Sketch(Box<(Distinct, Frequent)>),
}

/// Texts, end to end.
#[derive(Clone, Debug, Default)]
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Texts {
    #[expect(clippy::cast_possible_truncation, reason = "a share of memory is far below 4 GiB")]
    fn add(&mut self, text: &[u8]) -> u32 {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len() as u32);
        (self.ends.len() - 1) as u32
    }

    fn get(&self, note: u32) -> &[u8] {
        let at = note as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.bytes[start..self.ends[at] as usize]
    }
}

/// Everything about the texts so far.
#[derive(Clone, Debug)]
pub struct TextPass {
    room: Room,
    /// Texts.
    pub n: u64,
    store: Store,
    rest: Rest,
    /// A few that don't read as numbers, in order of appearance, cut to 40 characters.
    pub not_numeric: Vec<String>,
}

/// What can't be taken from the counts, once there are no more counts.
#[derive(Clone, Debug, Default)]
struct Rest {
    n_chars: u64,
    n_numeric: u64,
    year_last: YearLast,
    smallest: BTreeSet<Vec<u8>>,
    bound: u64,
    max: Option<Vec<u8>>,
}

/// What is known of the texts.
#[derive(Debug)]
pub struct Seen {
    /// Smallest and largest in the order of their bytes.
    pub range: Option<(String, String)>,
    /// Characters of all texts.
    pub n_chars: u64,
    /// Texts that read as a number.
    pub n_numeric: u64,
    /// Days with their year last.
    pub year_last: YearLast,
    /// Different texts.
    pub n_distinct: u64,
    /// Standard error of that as a share; none if it is exact.
    pub distinct_error: Option<f64>,
    /// Candidates for the most frequent.
    pub top: Top,
    /// By how much a count may be too low.
    pub top_error: u64,
}

/// Texts and counts, or hashes whose texts are still to be found in the file.
#[derive(Debug)]
pub enum Top {
    /// Found.
    Texts(Vec<(String, u64)>),
    /// By [`hash`].
    Hashes(Vec<(u64, u64)>),
}

impl TextPass {
    /// Nothing seen yet.
    pub fn new(room: Room) -> Self {
        Self {
            room,
            n: 0,
            store: Store::Counts(Tally::default(), Texts::default()),
            rest: Rest { bound: u64::MAX, ..Rest::default() },
            not_numeric: Vec::new(),
        }
    }

    /// Whether most texts differ from each other.
    pub fn is_mixed(&self) -> bool {
        match &self.store {
            Store::Counts(tally, _) => tally.len() as u64 * 2 > self.n,
            Store::Hashes(_) | Store::Sketch(_) => true,
        }
    }

    /// Gives another share of memory.
    pub fn set_room(&mut self, room: Room) {
        self.room = room;
        if matches!(self.store, Store::Hashes(_)) && !room.holds_all() {
            self.summarise();
        }
    }

    /// Takes the texts of a piece with their hashes.
    pub fn push<'a>(&mut self, texts: impl Iterator<Item = &'a [u8]>, hashes: &[u64]) {
        self.n += hashes.len() as u64;
        if let Store::Hashes(all) = &self.store
            && all.len() + hashes.len() > self.room.n_kept()
        {
            self.summarise();
        }
        match &mut self.store {
            Store::Counts(tally, kept) => {
                for (text, hash) in texts.zip(hashes) {
                    let not_numeric = &mut self.not_numeric;
                    tally.add(*hash, 1, || {
                        note_not_numeric(not_numeric, text);
                        kept.add(text)
                    });
                }
                let n_bytes = tally.n_bytes() + kept.bytes.len() + kept.ends.len() * 4;
                if self.room.is_too_varied(tally.len(), self.n) || n_bytes > self.room.n_bytes {
                    self.spread();
                }
                return;
            }
            Store::Hashes(all) => all.extend_from_slice(hashes),
            Store::Sketch(sketch) => {
                for hash in hashes {
                    sketch.0.add(*hash);
                    sketch.1.add(*hash, 1);
                }
            }
        }
        for text in texts {
            self.rest.see(text, 1);
            if self.not_numeric.len() < N_NOT_NUMERIC {
                note_not_numeric(&mut self.not_numeric, text);
            }
        }
    }

    fn spread(&mut self) {
        if let Store::Counts(tally, kept) = &self.store {
            for entry in tally.entries() {
                self.rest.see(kept.get(entry.note), u64::from(entry.count));
            }
        }
        if !self.room.holds_all() || self.n > self.room.n_kept() as u64 {
            return self.summarise();
        }
        if let Store::Counts(tally, _) = &self.store {
            let room = self.room.n_expected.map_or(0, |n| usize::try_from(n + n / 16).unwrap_or(0));
            let mut all = Vec::with_capacity(room.min(self.room.n_kept()));
            for entry in tally.entries() {
                all.extend(std::iter::repeat_n(entry.key, entry.count as usize));
            }
            self.store = Store::Hashes(all);
        }
    }

    fn summarise(&mut self) {
        let size = (self.room.n_bytes / (8 * 16)).clamp(64, 4096);
        let mut sketch = (Distinct::default(), Frequent::new(size));
        match &self.store {
            Store::Counts(tally, _) => {
                for entry in tally.entries() {
                    sketch.0.add(entry.key);
                    sketch.1.add(entry.key, entry.count);
                }
            }
            Store::Hashes(all) => {
                for hash in all {
                    sketch.0.add(*hash);
                    sketch.1.add(*hash, 1);
                }
            }
            Store::Sketch(_) => return,
        }
        self.store = Store::Sketch(Box::new(sketch));
    }

    /// What is known so far, with candidates for the `n_top` most frequent.
    pub fn seen(&mut self, n_top: usize) -> Seen {
        let mut rest = self.rest.clone();
        if let Store::Counts(tally, kept) = &self.store {
            for entry in tally.entries() {
                rest.see(kept.get(entry.note), u64::from(entry.count));
            }
        }
        let range = rest.smallest.first().zip(rest.max.as_ref()).map(|(min, max)| (string(min), string(max)));
        let (n_distinct, distinct_error, top, top_error) = match &mut self.store {
            Store::Counts(tally, kept) => {
                let runs = tally.entries().map(|entry| (u64::from(entry.note), u64::from(entry.count))).collect();
                #[expect(clippy::cast_possible_truncation, reason = "it was 32 bits wide")]
                let texts = most(runs, n_top).into_iter().map(|(note, count)| (string(kept.get(note as u32)), count));
                (tally.len() as u64, None, Top::Texts(texts.collect()), 0)
            }
            Store::Hashes(all) => {
                all.sort_unstable();
                let runs: Vec<(u64, u64)> = all.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u64)).collect();
                let n_distinct = runs.len() as u64;
                let top = if n_distinct == self.n {
                    Top::Texts(rest.smallest.iter().map(|text| (string(text), 1)).collect())
                } else {
                    Top::Hashes(most(runs, n_top))
                };
                (n_distinct, None, top, 0)
            }
            Store::Sketch(sketch) => {
                let (distinct, frequent) = &**sketch;
                let sure = frequent.sure();
                let top = if sure.is_empty() {
                    Top::Texts(rest.smallest.iter().map(|text| (string(text), 1)).collect())
                } else {
                    Top::Hashes(most(sure, n_top))
                };
                (distinct.estimate().min(self.n), Some(Distinct::ERROR), top, frequent.error())
            }
        };
        Seen {
            range,
            n_chars: rest.n_chars,
            n_numeric: rest.n_numeric,
            year_last: rest.year_last,
            n_distinct,
            distinct_error,
            top,
            top_error,
        }
    }
}

/// Those that occur as often as the `n`th most frequent, or more often.
pub fn most(mut runs: Vec<(u64, u64)>, n: usize) -> Vec<(u64, u64)> {
    /// Beyond so many that are equally frequent, the first ones are as good as others.
    const MANY: usize = 100_000;
    if runs.len() > n {
        let by_count = |a: &(u64, u64), b: &(u64, u64)| b.1.cmp(&a.1).then(a.0.cmp(&b.0));
        let least = runs.select_nth_unstable_by(n.saturating_sub(1), by_count).1.1;
        runs.retain(|(_, count)| *count >= least);
        if runs.len() > MANY {
            runs.select_nth_unstable_by(MANY, by_count);
            runs.truncate(MANY);
        }
    }
    runs
}

impl Rest {
    #[inline]
    fn see(&mut self, text: &[u8], count: u64) {
        self.n_chars += n_chars(text) * count;
        if read::is_numeric(text) {
            self.n_numeric += count;
        } else if let Some((first, second)) = read::year_last(text) {
            self.year_last.n += count;
            self.year_last.n_day_first += if first > 12 { count } else { 0 };
            self.year_last.n_month_first += if second > 12 { count } else { 0 };
        }
        let prefix = prefix(text);
        if prefix <= self.bound {
            self.see_small(text);
        }
        if self.max.as_ref().is_none_or(|max| text > max.as_slice()) {
            self.max = Some(text.to_vec());
        }
    }

    #[inline(never)]
    fn see_small(&mut self, text: &[u8]) {
        let is_small =
            self.smallest.len() < N_SMALLEST || self.smallest.last().is_some_and(|last| text < last.as_slice());
        if is_small && !self.smallest.contains(text) {
            self.smallest.insert(text.to_vec());
            if self.smallest.len() > N_SMALLEST {
                self.smallest.pop_last();
            }
            if self.smallest.len() == N_SMALLEST {
                self.bound = self.smallest.last().map_or(u64::MAX, |last| prefix(last));
            }
        }
    }
}

/// The first eight bytes as a number of the same order.
#[inline]
fn prefix(text: &[u8]) -> u64 {
    if let Some(bytes) = text.first_chunk::<8>() {
        return u64::from_be_bytes(*bytes);
    }
    let mut bytes = [0; 8];
    bytes[..text.len()].copy_from_slice(text);
    u64::from_be_bytes(bytes)
}

/// Characters: bytes that don't continue one.
#[inline]
fn n_chars(text: &[u8]) -> u64 {
    text.iter().filter(|byte| byte.cast_signed() >= -64).count() as u64
}

fn string(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

fn note_not_numeric(noted: &mut Vec<String>, text: &[u8]) {
    if noted.len() < N_NOT_NUMERIC && !read::is_numeric(text) {
        let text: String = String::from_utf8_lossy(text).chars().take(40).collect();
        if !noted.contains(&text) {
            noted.push(text);
        }
    }
}

/// Looks in the file for the texts of some hashes.
#[derive(Debug, Default)]
pub struct Lookup {
    wanted: Tally,
    n_open: usize,
    /// Those that were found, with the count that was asked for, or the one that was seen if `counts` is set.
    pub found: Vec<(u64, String)>,
    /// Exact counts of what was asked for.
    pub counts: Tally,
}

impl Lookup {
    /// A search for these.
    pub fn new(hashes: &[(u64, u64)]) -> Self {
        let mut wanted = Tally::with_room(hashes.len());
        for (hash, _) in hashes {
            wanted.add(*hash, 1, || 0);
        }
        Self { n_open: wanted.len(), wanted, found: Vec::new(), counts: Tally::default() }
    }

    /// Looks at a text.
    #[inline]
    pub fn see(&mut self, text: &[u8]) {
        let hash = hash(text);
        if self.wanted.has(hash) {
            let mut is_new = false;
            self.counts.add(hash, 1, || {
                is_new = true;
                0
            });
            if is_new {
                self.n_open -= 1;
                self.found.push((hash, string(text)));
            }
        }
    }

    /// Texts with exact counts.
    pub fn texts(&self) -> Vec<(String, u64)> {
        self.found.iter().map(|(hash, text)| (text.clone(), self.counts.get(*hash))).collect()
    }
}
