//! Moving through something longer than its window.

/// A wish to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// By so many lines; down is positive.
    Lines(i32),
    /// By a window.
    Pages(i32),
    /// To the beginning.
    Top,
    /// To the end.
    Bottom,
}

/// Where `at` goes among `n` when the window shows `page` of them.
pub fn moved(at: usize, n: usize, page: usize, by: Move) -> usize {
    let last = n.saturating_sub(1);
    let step = |lines: i64| {
        let at = i64::try_from(at).unwrap_or(i64::MAX);
        usize::try_from(at.saturating_add(lines).max(0)).unwrap_or(0).min(last)
    };
    match by {
        Move::Lines(lines) => step(i64::from(lines)),
        Move::Pages(pages) => step(i64::from(pages) * i64::try_from(page.max(1)).unwrap_or(1)),
        Move::Top => 0,
        Move::Bottom => last,
    }
}

/// The first line of a window of `page` lines that keeps line `at` in sight, moving as little as it can.
pub fn keep_in_sight(first: usize, at: usize, page: usize) -> usize {
    if at < first {
        at
    } else if page > 0 && at >= first + page {
        at + 1 - page
    } else {
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_stays_within_what_is_there() {
        assert_eq!(moved(3, 10, 4, Move::Lines(-5)), 0);
        assert_eq!(moved(3, 10, 4, Move::Pages(1)), 7);
        assert_eq!(moved(3, 10, 4, Move::Pages(9)), 9);
        assert_eq!(moved(0, 0, 4, Move::Bottom), 0);
        assert_eq!([keep_in_sight(5, 3, 4), keep_in_sight(5, 9, 4), keep_in_sight(5, 6, 4)], [3, 6, 5]);
    }
}
