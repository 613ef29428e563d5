//! Rows of a line of text at a width, by the same widths that the terminal uses.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns that `text` takes on the screen: those of its graphemes, which are what a cell holds.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// Byte ranges of the rows that `line` takes when it is `columns` wide.
///
/// Breaks after spaces where it can and between graphemes where it must. A space that falls on the
/// break belongs to no row. There is always at least one row; `line` must not hold a line end.
pub fn wrap(line: &str, columns: usize) -> Vec<Range<usize>> {
    wrap_hanging(line, columns, 0)
}

/// As [`wrap`], with every row but the first `hang` columns narrower, for text under a bullet.
pub fn wrap_hanging(line: &str, columns: usize, hang: usize) -> Vec<Range<usize>> {
    let columns = columns.max(1);
    let hang = if hang + 8 > columns { 0 } else { hang };
    if line.len() <= columns && line.is_ascii() {
        return std::iter::once(0..line.len()).collect();
    }
    let mut rows = Vec::new();
    let mut start = 0;
    let mut row_width = 0;
    let mut break_at: Option<(usize, usize)> = None; // (end of the row, start of the next)
    let mut limit = columns;
    let mut at = 0;
    for grapheme in line.graphemes(true) {
        let grapheme_width = UnicodeWidthStr::width(grapheme);
        if grapheme == " " {
            break_at = Some((at, at + 1));
        } else {
            while row_width > 0 && row_width + grapheme_width > limit {
                let (end, next) = break_at.take().filter(|(end, _)| *end > start).unwrap_or((at, at));
                rows.push(start..end);
                start = next;
                limit = columns - hang;
                row_width = width(&line[start..at]);
            }
        }
        row_width += grapheme_width;
        at += grapheme.len();
    }
    rows.push(start..line.len());
    rows
}

/// The longest beginning of `text` that fits into `columns`, with `…` where something was left out.
pub fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let mut kept = String::new();
    let mut kept_width = 0;
    for grapheme in text.graphemes(true) {
        let grapheme_width = UnicodeWidthStr::width(grapheme);
        if kept_width + grapheme_width > columns - 1 {
            break;
        }
        kept.push_str(grapheme);
        kept_width += grapheme_width;
    }
    kept.push('…');
    kept
}

/// `text` cut or filled with spaces so that it takes exactly `columns`, at the left.
pub fn pad(text: &str, columns: usize) -> String {
    let mut cell = fit(text, columns);
    let gap = columns.saturating_sub(width(&cell));
    cell.extend(std::iter::repeat_n(' ', gap));
    cell
}

/// `text` cut or filled with spaces so that it takes exactly `columns`, at the right.
pub fn pad_left(text: &str, columns: usize) -> String {
    let cell = fit(text, columns);
    let gap = columns.saturating_sub(width(&cell));
    std::iter::repeat_n(' ', gap).chain(cell.chars()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(line: &str, columns: usize) -> Vec<&str> {
        wrap(line, columns).into_iter().map(|row| &line[row]).collect()
    }

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(rows("the quick brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(rows("", 10), [""]);
        assert_eq!(rows("abcdefghijkl", 5), ["abcde", "fghij", "kl"]);
        assert_eq!(rows("日本語のテキスト", 6), ["日本語", "のテキ", "スト"]);
    }

    #[test]
    fn a_text_is_cut_to_its_column() {
        assert_eq!(fit("customer", 8), "customer");
        assert_eq!(fit("customer_id", 8), "custome…");
        assert_eq!(pad("日本語", 4), "日… ");
        assert_eq!(pad_left("7", 3), "  7");
    }

    proptest! {
        #[test]
        fn every_row_fits_and_only_spaces_are_left_out(
            line in "[ a-zé日👩\u{301}]{0,120}", columns in 2usize..40,
        ) {
            let rows = wrap(&line, columns);
            let mut end = 0;
            for row in &rows {
                prop_assert!(line[end..row.start].chars().all(|c| c == ' '));
                prop_assert!(width(line[row.clone()].trim_end()) <= columns);
                end = row.end;
            }
            prop_assert_eq!(end, line.len());
        }
    }
}
