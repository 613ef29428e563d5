//! Line charts of a few series: in braille for a terminal, and as a small picture.

/// One line of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Series<'a> {
    /// What the legend calls it.
    pub name: &'a str,
    /// Pairs of x and y in drawing order; a pair that is not finite is left out and interrupts the line.
    pub points: &'a [(f64, f64)],
}

/// A picture in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raster {
    /// Columns of pixels.
    pub width: u32,
    /// Rows of pixels.
    pub height: u32,
    /// Three bytes a pixel (red, green, blue), row after row from the top; `3 × width × height` bytes.
    pub rgb: Vec<u8>,
}

/// The fewest columns and rows in which a chart can be read.
const MIN_WIDTH: usize = 12;
const MIN_HEIGHT: usize = 3;
/// The most columns or rows of cells, so that a mistaken size asks for no more memory than a screen could show.
const MAX_CELLS: usize = 1_000;
/// The most pixels along one side.
const MAX_PIXELS: u32 = 4_096;
/// What a cell belongs to when no series drew in it.
const NOBODY: usize = usize::MAX;
/// A character of the built-in font with its spacing, in pixels.
const CHAR_WIDTH: i64 = 6;
const CHAR_HEIGHT: i64 = 7;
const WHITE: [u8; 3] = [255, 255, 255];
const INK: [u8; 3] = [60, 60, 60];
const GRID: [u8; 3] = [225, 225, 225];
/// Colours that stay apart for most kinds of colour vision.
const COLOURS: [[u8; 3]; 8] = [
    [0, 114, 178],
    [213, 94, 0],
    [0, 158, 115],
    [204, 121, 167],
    [86, 180, 233],
    [230, 159, 0],
    [120, 80, 40],
    [0, 0, 0],
];

/// A number for an axis, in at most 6 characters.
pub fn short(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    if value.abs() >= 1e-3 {
        for decimals in (0..=4).rev() {
            let text = trimmed(&format!("{value:.decimals$}"));
            if text.len() <= 6 {
                return text;
            }
        }
    }
    let fine = format!("{value:.1e}").replace(".0e", "e");
    if fine.len() <= 6 {
        return fine;
    }
    let coarse = format!("{value:.0e}");
    // Only a negative number with a three-digit negative exponent is longer than this.
    if coarse.len() <= 6 { coarse } else { "-0".to_owned() }
}

/// A decimal number without the zeros that say nothing.
fn trimmed(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}

/// The ranges that the axes cover; low is below high in both.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bounds {
    x: (f64, f64),
    y: (f64, f64),
}

/// The ranges of all finite points, or nothing when there is none.
fn bounds(series: &[Series<'_>]) -> Option<Bounds> {
    let mut found: Option<Bounds> = None;
    for &(x, y) in series.iter().flat_map(|series| series.points) {
        if !(x.is_finite() && y.is_finite()) {
            continue;
        }
        found = Some(match found {
            None => Bounds { x: (x, x), y: (y, y) },
            Some(b) => Bounds { x: (b.x.0.min(x), b.x.1.max(x)), y: (b.y.0.min(y), b.y.1.max(y)) },
        });
    }
    found.map(|b| Bounds { x: widened(b.x), y: widened(b.y) })
}

/// A range with some width, also where all values are the same.
fn widened((low, high): (f64, f64)) -> (f64, f64) {
    if low < high {
        return (low, high);
    }
    let pad = if low == 0.0 { 1.0 } else { (low.abs() * 0.1).max(f64::MIN_POSITIVE) };
    ((low - pad).max(f64::MIN), (high + pad).min(f64::MAX))
}

/// The middle of a range, without overflow.
fn middle((low, high): (f64, f64)) -> f64 {
    low / 2.0 + high / 2.0
}

/// Which of `n` places from 0 a value of a range falls on.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a place on a screen or a picture")]
fn place(value: f64, (low, high): (f64, f64), n: i64) -> i64 {
    let last = (n - 1).max(0);
    let share = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
    if share.is_finite() { ((share * last as f64).round() as i64).clamp(0, last) } else { 0 }
}

/// A count as a signed number for drawing; sizes are bounded far below where this could matter.
fn signed(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Visits every place on the straight line between two places, both ends included.
fn line(from: (i64, i64), to: (i64, i64), mut dot: impl FnMut(i64, i64)) {
    let (mut x, mut y) = from;
    let (dx, dy) = ((to.0 - x).abs(), -(to.1 - y).abs());
    let (step_x, step_y) = ((to.0 - x).signum(), (to.1 - y).signum());
    let mut error = dx + dy;
    loop {
        dot(x, y);
        if (x, y) == to {
            return;
        }
        let doubled = 2 * error;
        if doubled >= dy {
            error += dy;
            x += step_x;
        }
        if doubled <= dx {
            error += dx;
            y += step_y;
        }
    }
}

/// Visits every place that a series draws on in an area of `columns` × `rows`, row 0 at the top.
fn trace(points: &[(f64, f64)], bounds: Bounds, columns: i64, rows: i64, mut dot: impl FnMut(i64, i64)) {
    let mut before: Option<(i64, i64)> = None;
    for &(x, y) in points {
        if !(x.is_finite() && y.is_finite()) {
            before = None;
            continue;
        }
        let here = (place(x, bounds.x, columns), (rows - 1) - place(y, bounds.y, rows));
        match before {
            Some(there) if there == here => {}
            Some(there) => line(there, here, &mut dot),
            None => dot(here.0, here.1),
        }
        before = Some(here);
    }
}

/// A line chart in terminal cells: `height` rows of `width` cells, each a character and the index of the series that
/// drew last in it (`usize::MAX` for axes and empty cells).
///
/// The left side holds up to three labels of the y range, the last row labels of the x range, and the rest is drawn in
/// braille with 2 × 4 dots a cell. Below 12 columns or 3 rows the answer is empty; beyond 1,000 of either it is as if
/// 1,000 had been asked for.
pub fn braille(series: &[Series<'_>], width: usize, height: usize) -> Vec<Vec<(char, usize)>> {
    if width < MIN_WIDTH || height < MIN_HEIGHT {
        return Vec::new();
    }
    let (width, height) = (width.min(MAX_CELLS), height.min(MAX_CELLS));
    let bounds = bounds(series);
    let rows = height - 1;
    let labels = bounds.map_or_else(Vec::new, |bounds| y_labels(bounds, rows));
    let label_width = labels.iter().map(|(_, text)| text.len()).max().unwrap_or(0);
    let columns = width - label_width - 1;

    let mut cells = vec![vec![(' ', NOBODY); width]; height];
    for (row, cells) in cells.iter_mut().enumerate().take(rows) {
        let label = labels.iter().find(|(at, _)| *at == row);
        if let Some((_, text)) = label {
            write(cells, label_width - text.len(), text);
        }
        if let Some(cell) = cells.get_mut(label_width) {
            cell.0 = if label.is_some() { '┤' } else { '│' };
        }
    }
    let Some(bounds) = bounds else { return cells };
    if let Some(last) = cells.last_mut() {
        x_labels(last, label_width + 1, columns, bounds);
    }
    draw(&mut cells, series, bounds, (label_width + 1, columns, rows));
    cells
}

/// The rows and texts of the labels at the left: top, middle where there is room, bottom.
fn y_labels(bounds: Bounds, rows: usize) -> Vec<(usize, String)> {
    let mut labels = vec![(0, short(bounds.y.1))];
    if rows >= 3 {
        labels.push(((rows - 1) / 2, short(middle(bounds.y))));
    }
    labels.push((rows - 1, short(bounds.y.0)));
    labels
}

/// Writes the labels of the x range: both ends, and the middle where it keeps a distance from them.
fn x_labels(row: &mut [(char, usize)], left: usize, columns: usize, bounds: Bounds) {
    let (low, mid, high) = (short(bounds.x.0), short(middle(bounds.x)), short(bounds.x.1));
    write(row, left, &low);
    if low.len() + high.len() < columns {
        write(row, left + columns - high.len(), &high);
    }
    let start = (columns / 2).saturating_sub(mid.len() / 2);
    if start > low.len() + 1 && start + mid.len() + 1 < columns.saturating_sub(high.len()) {
        write(row, left + start, &mid);
    }
}

/// Writes a text into a row of cells from a column on, as far as there is room.
fn write(row: &mut [(char, usize)], from: usize, text: &str) {
    for (cell, letter) in row.iter_mut().skip(from).zip(text.chars()) {
        *cell = (letter, NOBODY);
    }
}

/// Draws all series in braille into the area given by its left column, columns and rows.
fn draw(cells: &mut [Vec<(char, usize)>], series: &[Series<'_>], bounds: Bounds, area: (usize, usize, usize)) {
    let (left, columns, rows) = area;
    let mut dots = vec![(0_u8, NOBODY); columns * rows];
    for (idx, one) in series.iter().enumerate() {
        trace(one.points, bounds, signed(columns * 2), signed(rows * 4), |x, y| {
            let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
            if let Some(cell) = dots.get_mut((y / 4) * columns + x / 2) {
                cell.0 |= dot_bit(x % 2, y % 4);
                cell.1 = idx;
            }
        });
    }
    for (row, line) in cells.iter_mut().zip(dots.chunks(columns)) {
        for (cell, &(bits, owner)) in row.iter_mut().skip(left).zip(line) {
            if bits != 0 {
                *cell = (char::from_u32(0x2800 + u32::from(bits)).unwrap_or('⣿'), owner);
            }
        }
    }
}

/// A bar for `n` where `most` fills `columns` cells, in eighths of a cell; what is not nothing shows.
pub fn bar(n: u64, most: u64, columns: usize) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = usize::try_from(u128::from(n) * columns as u128 * 8 / u128::from(most.max(1))).unwrap_or(0).max(1);
    "█".repeat(eighths / 8) + PARTS[eighths % 8]
}

/// The bit of one dot in a braille character, by column 0–1 and row 0–3.
pub fn dot_bit(column: usize, row: usize) -> u8 {
    match (column, row) {
        (0, 0) => 0x01,
        (0, 1) => 0x02,
        (0, 2) => 0x04,
        (0, _) => 0x40,
        (_, 0) => 0x08,
        (_, 1) => 0x10,
        (_, 2) => 0x20,
        _ => 0x80,
    }
}

impl Raster {
    /// An empty white picture.
    fn white(width: u32, height: u32) -> Self {
        let (width, height) = (width.min(MAX_PIXELS), height.min(MAX_PIXELS));
        let pixels = usize::try_from(u64::from(width) * u64::from(height)).unwrap_or(0);
        Self { width, height, rgb: WHITE.repeat(pixels) }
    }

    /// Sets one pixel; outside of the picture nothing happens.
    fn set(&mut self, x: i64, y: i64, colour: [u8; 3]) {
        if x < 0 || y < 0 || x >= i64::from(self.width) || y >= i64::from(self.height) {
            return;
        }
        let Ok(at) = usize::try_from((y * i64::from(self.width) + x) * 3) else { return };
        if let Some(pixel) = self.rgb.get_mut(at..at + 3) {
            pixel.copy_from_slice(&colour);
        }
    }

    /// Fills a rectangle given by its upper left corner and its size.
    fn fill(&mut self, (x, y): (i64, i64), (width, height): (i64, i64), colour: [u8; 3]) {
        for down in 0..height {
            for right in 0..width {
                self.set(x + right, y + down, colour);
            }
        }
    }

    /// Writes a text with its upper left corner at a place.
    fn text(&mut self, (x, y): (i64, i64), text: &str) {
        let mut left = x;
        for letter in text.chars() {
            for (right, bits) in (0_i64..).zip(glyph(letter)) {
                for down in 0..CHAR_HEIGHT {
                    if (bits >> down) & 1 == 1 {
                        self.set(left + right, y + down, INK);
                    }
                }
            }
            left += CHAR_WIDTH;
        }
    }
}

/// How wide a text is in the built-in font, in pixels.
fn text_width(text: &str) -> i64 {
    signed(text.chars().count()) * CHAR_WIDTH
}

/// The same chart as a white picture of `width` × `height` pixels (at most 4,096 each) with axes, labels and a legend.
///
/// What does not fit is cut off; a picture too small for any plot area stays white.
pub fn raster(series: &[Series<'_>], width: u32, height: u32) -> Raster {
    let mut picture = Raster::white(width, height);
    let (width, height) = (i64::from(picture.width), i64::from(picture.height));
    let left = 6 * CHAR_WIDTH + 6;
    let (right, bottom) = (width - 8, height - CHAR_HEIGHT - 8);
    if right - left < 16 || bottom < 24 {
        return picture;
    }
    let top = legend(&mut picture, series, (left, right), bottom - 16);
    let (columns, rows) = (right - left, bottom - top);

    let found = bounds(series);
    if let Some(bounds) = found {
        for (at, value) in [(0, bounds.y.1), ((rows - 1) / 2, middle(bounds.y)), (rows - 1, bounds.y.0)] {
            let label = short(value);
            picture.fill((left, top + at), (columns, 1), GRID);
            picture.fill((left - 3, top + at), (3, 1), INK);
            picture.text((left - 4 - text_width(&label), top + at - CHAR_HEIGHT / 2), &label);
        }
        for (at, value) in [(0, bounds.x.0), ((columns - 1) / 2, middle(bounds.x)), (columns - 1, bounds.x.1)] {
            let label = short(value);
            let start = (left + at - text_width(&label) / 2).min(width - text_width(&label)).max(0);
            picture.fill((left + at, bottom), (1, 3), INK);
            // A narrow picture has room for the ends only.
            if at == 0 || at == columns - 1 || columns > 3 * 7 * CHAR_WIDTH {
                picture.text((start, bottom + 5), &label);
            }
        }
    }
    picture.fill((left - 1, top), (1, rows + 1), INK);
    picture.fill((left - 1, bottom), (columns + 1, 1), INK);
    if let Some(bounds) = found {
        for (one, colour) in series.iter().zip(COLOURS.iter().cycle()) {
            trace(one.points, bounds, columns, rows, |x, y| {
                picture.fill((left + x, top + y), (1, 1), *colour);
                // Two pixels thick, upwards where the first is on the lowest row.
                let second = if y + 1 < rows { y + 1 } else { y - 1 };
                picture.fill((left + x, top + second), (1, 1), *colour);
            });
        }
    }
    picture
}

/// Draws swatches and names between two columns, and returns the row at which the plot may start.
fn legend(picture: &mut Raster, series: &[Series<'_>], (left, right): (i64, i64), limit: i64) -> i64 {
    let (mut x, mut y) = (left, 4);
    for (one, colour) in series.iter().zip(COLOURS.iter().cycle()) {
        let room = usize::try_from((right - left - 14) / CHAR_WIDTH).unwrap_or(0);
        let name: String = one.name.chars().take(room).collect();
        let needed = 14 + text_width(&name);
        if x > left && x + needed > right {
            x = left;
            y += CHAR_HEIGHT + 3;
        }
        if y + CHAR_HEIGHT + 4 > limit {
            return y;
        }
        picture.fill((x, y + 2), (10, 3), *colour);
        picture.text((x + 13, y), &name);
        x += needed + 8;
    }
    y + CHAR_HEIGHT + 6
}

/// The five columns of a character, the lowest bit at the top; a box for what the font does not have.
fn glyph(letter: char) -> [u8; 5] {
    match letter {
        ' ' => [0x00; 5],
        '%' => [0x23, 0x13, 0x08, 0x64, 0x62],
        '(' => [0x00, 0x1C, 0x22, 0x41, 0x00],
        ')' => [0x00, 0x41, 0x22, 0x1C, 0x00],
        '+' => [0x08, 0x08, 0x3E, 0x08, 0x08],
        '-' => [0x08; 5],
        '.' => [0x00, 0x60, 0x60, 0x00, 0x00],
        '/' => [0x20, 0x10, 0x08, 0x04, 0x02],
        ':' => [0x00, 0x36, 0x36, 0x00, 0x00],
        '_' => [0x40; 5],
        '0'..='9' => of(&DIGITS, letter, '0'),
        'A'..='Z' => of(&UPPER, letter, 'A'),
        'a'..='z' => of(&LOWER, letter, 'a'),
        _ => BOX,
    }
}

/// The glyph of a letter in a table that starts at `first`.
fn of(table: &[[u8; 5]], letter: char, first: char) -> [u8; 5] {
    let at = u32::from(letter).wrapping_sub(u32::from(first));
    usize::try_from(at).ok().and_then(|at| table.get(at)).copied().unwrap_or(BOX)
}

const BOX: [u8; 5] = [0x7F, 0x41, 0x41, 0x41, 0x7F];

const DIGITS: [[u8; 5]; 10] = [
    [0x3E, 0x51, 0x49, 0x45, 0x3E],
    [0x00, 0x42, 0x7F, 0x40, 0x00],
    [0x42, 0x61, 0x51, 0x49, 0x46],
    [0x21, 0x41, 0x45, 0x4B, 0x31],
    [0x18, 0x14, 0x12, 0x7F, 0x10],
    [0x27, 0x45, 0x45, 0x45, 0x39],
    [0x3C, 0x4A, 0x49, 0x49, 0x30],
    [0x01, 0x71, 0x09, 0x05, 0x03],
    [0x36, 0x49, 0x49, 0x49, 0x36],
    [0x06, 0x49, 0x49, 0x29, 0x1E],
];

const UPPER: [[u8; 5]; 26] = [
    [0x7E, 0x11, 0x11, 0x11, 0x7E],
    [0x7F, 0x49, 0x49, 0x49, 0x36],
    [0x3E, 0x41, 0x41, 0x41, 0x22],
    [0x7F, 0x41, 0x41, 0x22, 0x1C],
    [0x7F, 0x49, 0x49, 0x49, 0x41],
    [0x7F, 0x09, 0x09, 0x09, 0x01],
    [0x3E, 0x41, 0x49, 0x49, 0x7A],
    [0x7F, 0x08, 0x08, 0x08, 0x7F],
    [0x00, 0x41, 0x7F, 0x41, 0x00],
    [0x20, 0x40, 0x41, 0x3F, 0x01],
    [0x7F, 0x08, 0x14, 0x22, 0x41],
    [0x7F, 0x40, 0x40, 0x40, 0x40],
    [0x7F, 0x02, 0x0C, 0x02, 0x7F],
    [0x7F, 0x04, 0x08, 0x10, 0x7F],
    [0x3E, 0x41, 0x41, 0x41, 0x3E],
    [0x7F, 0x09, 0x09, 0x09, 0x06],
    [0x3E, 0x41, 0x51, 0x21, 0x5E],
    [0x7F, 0x09, 0x19, 0x29, 0x46],
    [0x46, 0x49, 0x49, 0x49, 0x31],
    [0x01, 0x01, 0x7F, 0x01, 0x01],
    [0x3F, 0x40, 0x40, 0x40, 0x3F],
    [0x1F, 0x20, 0x40, 0x20, 0x1F],
    [0x3F, 0x40, 0x38, 0x40, 0x3F],
    [0x63, 0x14, 0x08, 0x14, 0x63],
    [0x07, 0x08, 0x70, 0x08, 0x07],
    [0x61, 0x51, 0x49, 0x45, 0x43],
];

const LOWER: [[u8; 5]; 26] = [
    [0x20, 0x54, 0x54, 0x54, 0x78],
    [0x7F, 0x48, 0x44, 0x44, 0x38],
    [0x38, 0x44, 0x44, 0x44, 0x20],
    [0x38, 0x44, 0x44, 0x48, 0x7F],
    [0x38, 0x54, 0x54, 0x54, 0x18],
    [0x08, 0x7E, 0x09, 0x01, 0x02],
    [0x0C, 0x52, 0x52, 0x52, 0x3E],
    [0x7F, 0x08, 0x04, 0x04, 0x78],
    [0x00, 0x44, 0x7D, 0x40, 0x00],
    [0x20, 0x40, 0x44, 0x3D, 0x00],
    [0x7F, 0x10, 0x28, 0x44, 0x00],
    [0x00, 0x41, 0x7F, 0x40, 0x00],
    [0x7C, 0x04, 0x18, 0x04, 0x78],
    [0x7C, 0x08, 0x04, 0x04, 0x78],
    [0x38, 0x44, 0x44, 0x44, 0x38],
    [0x7C, 0x14, 0x14, 0x14, 0x08],
    [0x08, 0x14, 0x14, 0x18, 0x7C],
    [0x7C, 0x08, 0x04, 0x04, 0x08],
    [0x48, 0x54, 0x54, 0x54, 0x20],
    [0x04, 0x3F, 0x44, 0x40, 0x20],
    [0x3C, 0x40, 0x40, 0x20, 0x7C],
    [0x1C, 0x20, 0x40, 0x20, 0x1C],
    [0x3C, 0x40, 0x30, 0x40, 0x3C],
    [0x44, 0x28, 0x10, 0x28, 0x44],
    [0x0C, 0x50, 0x50, 0x50, 0x3C],
    [0x44, 0x64, 0x54, 0x4C, 0x44],
];

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(series: &[Series<'_>], width: usize, height: usize) -> Vec<String> {
        braille(series, width, height).iter().map(|row| row.iter().map(|(letter, _)| *letter).collect()).collect()
    }

    #[test]
    fn numbers_fit_in_six_characters() {
        let values =
            [0.0, 0.5, 10.0, 0.123_456, -0.123_456, 120_000.0, 1_200_000.0, -12_345_678.0, 0.000_012_3, 1e-300];
        let expected = ["0", "0.5", "10", "0.1235", "-0.123", "120000", "1.2e6", "-1.2e7", "1.2e-5", "1e-300"];
        assert_eq!(values.map(short), expected.map(str::to_owned));
        assert_eq!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(short), ["NaN", "inf", "-inf"].map(str::to_owned));
        for exponent in -320..309 {
            for lead in ["1", "-1", "9.99", "-9.99"] {
                let value: f64 = format!("{lead}e{exponent}").parse().unwrap_or(0.0);
                assert!(short(value).len() <= 6, "{value} {}", short(value));
            }
        }
    }

    #[test]
    fn a_small_chart() {
        let series = [Series { name: "a", points: &[(0.0, 0.0), (10.0, 1.0)] }];
        assert_eq!(rows(&series, 12, 4), ["  1┤     ⢀⠔⠊", "0.5┤  ⢀⡠⠊⠁  ", "  0┤⡠⠔⠁     ", "    0     10"]);
    }

    #[test]
    fn cells_know_who_drew_last() {
        let flat = [(0.0, 1.0), (1.0, 1.0)];
        let rising = [(0.0, 0.0), (1.0, 1.0)];
        let cells = braille(&[Series { name: "a", points: &flat }, Series { name: "b", points: &rising }], 12, 3);
        let owners: Vec<Vec<usize>> = cells.iter().map(|row| row.iter().map(|(_, owner)| *owner).collect()).collect();
        let no = NOBODY;
        assert_eq!(owners[0], [no, no, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
        assert_eq!(owners[1], [no, no, 1, 1, 1, 1, 1, no, no, no, no, no]);
        assert_eq!(owners[2], [no; 12]);
    }

    #[test]
    fn odd_inputs_are_drawn_or_left_out() {
        assert!(braille(&[], 11, 10).is_empty());
        assert!(braille(&[], 12, 2).is_empty());
        assert_eq!(rows(&[], 12, 3), ["│           ", "│           ", "            "]);
        let single = [Series { name: "a", points: &[(3.0, 5.0), (f64::NAN, 1.0), (4.0, f64::INFINITY)] }];
        assert_eq!(rows(&single, 12, 4), ["5.5┤        ", "  5┤    ⠂   ", "4.5┤        ", "    2.7  3.3"]);
        let huge = [Series { name: "a", points: &[(f64::MIN, f64::MIN), (f64::MAX, f64::MAX)] }];
        assert_eq!(braille(&huge, 20, 5).len(), 5);
        assert!(braille(&huge, 20, 5).iter().all(|row| row.len() == 20));
    }

    #[test]
    fn a_gap_interrupts_the_line() {
        let points = [(0.0, 0.0), (1.0, f64::NAN), (2.0, 0.0), (3.0, 1.0)];
        let mut seen = Vec::new();
        let bounds = Bounds { x: (0.0, 3.0), y: (0.0, 1.0) };
        trace(&points, bounds, 4, 2, |x, y| seen.push((x, y)));
        assert_eq!(seen, [(0, 1), (2, 1), (2, 1), (3, 0)]);
    }

    #[test]
    fn a_picture_has_its_size_and_colours() {
        let series = [
            Series { name: "loss", points: &[(0.0, 1.0), (5.0, 0.2), (10.0, 0.1)] },
            Series { name: "val_loss", points: &[(0.0, 0.9), (10.0, 0.5)] },
        ];
        let picture = raster(&series, 200, 120);
        assert_eq!((picture.width, picture.height, picture.rgb.len()), (200, 120, 200 * 120 * 3));
        let count = |colour: [u8; 3]| picture.rgb.chunks(3).filter(|pixel| *pixel == colour).count();
        assert_eq!(picture.rgb.get(..3), Some(&WHITE[..]));
        assert!(count(COLOURS[0]) > 150 && count(COLOURS[1]) > 150 && count(INK) > 200);
        assert_eq!(count(COLOURS[2]), 0);
        assert_eq!(picture, raster(&series, 200, 120));
    }

    #[test]
    fn small_pictures_stay_white() {
        for (width, height) in [(0, 0), (1, 1), (60, 30), (0, 500), (65, 40), (300, 41)] {
            let picture = raster(&[Series { name: "ü", points: &[(0.0, 1.0)] }], width, height);
            assert_eq!(u64::try_from(picture.rgb.len()), Ok(u64::from(width) * u64::from(height) * 3));
        }
    }

    #[test]
    fn the_font_draws_letters_and_a_box() {
        let mut picture = Raster::white(11, 7);
        picture.text((0, 0), "1é");
        let rows: Vec<String> = picture
            .rgb
            .chunks(33)
            .map(|row| row.chunks(3).map(|pixel| if *pixel == INK { '#' } else { '.' }).collect())
            .collect();
        let expected =
            ["..#...#####", ".##...#...#", "..#...#...#", "..#...#...#", "..#...#...#", "..#...#...#", ".###..#####"];
        assert_eq!(rows, expected);
    }
}
