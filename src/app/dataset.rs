//! The data set on the screen: a window of cells, a cursor, what is known of each column.

use ratatui::layout::Rect;

use crate::app::scroll::{self, Move};
use crate::app::table::{Find, Line, Passing, View};
use crate::domain::dataset::{Page, Source};
use crate::domain::failure::Failure;
use crate::domain::profile::ColumnProfile;
use crate::domain::warning::Warning;
use crate::text::SafeText;

/// Rows that are read at once.
pub const PAGE_ROWS: usize = 200;

/// Lines of the head of the grid: names, kinds, histograms, a rule.
pub const HEAD: u16 = 4;

/// Where the cells are inside a pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Columns that the row numbers take, with the space after them.
    pub gutter: u16,
    /// Index, place and width of each column in sight.
    pub columns: Vec<(usize, u16, u16)>,
    /// Rows in sight.
    pub n_rows: usize,
}

/// What is known about the number of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// At least so many; counting goes on.
    AtLeast(u64),
    /// Exactly so many.
    Exactly(u64),
}

impl Rows {
    /// The number that is sure.
    pub fn sure(self) -> u64 {
        match self {
            Self::AtLeast(n) | Self::Exactly(n) => n,
        }
    }
}

/// The data set on the screen.
#[derive(Clone, Debug)]
pub struct DatasetPane {
    /// What was opened.
    pub source: Option<Source>,
    /// The window of cells that is here.
    pub page: Page,
    /// Rows of the table.
    pub rows: Rows,
    /// What is known of each column.
    pub profiles: Vec<Option<ColumnProfile>>,
    /// What is wrong.
    pub warnings: Vec<Warning>,
    /// Place among the rows that are shown, and column, of the cursor.
    pub cursor: (u64, usize),
    /// First place and first column in sight.
    pub first: (u64, usize),
    /// The rows that are shown, where they are not all in the order of the file.
    pub view: View,
    /// What is searched for.
    pub find: Find,
    /// A line that is being typed.
    pub line: Option<Line>,
    /// A pass over all rows that goes on.
    pub passing: Option<Passing>,
    /// Why profiling ended without a profile.
    pub failure: Option<Failure>,
    /// Changes with every change.
    pub version: u64,
}

impl Default for DatasetPane {
    fn default() -> Self {
        Self {
            source: None,
            page: Page::default(),
            rows: Rows::AtLeast(0),
            profiles: Vec::new(),
            warnings: Vec::new(),
            cursor: (0, 0),
            first: (0, 0),
            view: View::default(),
            find: Find::default(),
            line: None,
            passing: None,
            failure: None,
            version: 0,
        }
    }
}

impl DatasetPane {
    /// A data set was opened.
    pub fn on_opened(&mut self, source: Source, page: Page) {
        let n_columns = source.columns.len();
        let rows = source.n_rows.map_or(Rows::AtLeast(page.rows.len() as u64), Rows::Exactly);
        *self = Self {
            source: Some(source),
            page,
            rows,
            profiles: vec![None; n_columns],
            version: self.version + 1,
            ..Self::default()
        };
    }

    /// One more column is known.
    pub fn on_profiled(&mut self, idx: usize, profile: ColumnProfile) {
        if let Some(column) = self.source.as_mut().and_then(|source| source.columns.get_mut(idx)) {
            // Every row has been read now; the first thousand may have been misleading.
            column.kind = profile.kind;
        }
        if let Some(slot) = self.profiles.get_mut(idx) {
            *slot = Some(profile);
        }
        self.version += 1;
    }

    /// Columns that are known, and all.
    pub fn progress(&self) -> (usize, usize) {
        (self.profiles.iter().flatten().count(), self.profiles.len())
    }

    /// Moves the cursor to other rows. `page` is the number of rows in sight.
    pub fn move_rows(&mut self, by: Move, page: usize) {
        let n = usize::try_from(self.n_shown()).unwrap_or(usize::MAX);
        let at = usize::try_from(self.cursor.0).unwrap_or(usize::MAX);
        self.cursor.0 = scroll::moved(at, n, page, by) as u64;
        self.keep_row_in_sight(page);
    }

    /// Puts the cursor on a place among the rows that are shown.
    pub fn go_to(&mut self, row: u64, column: Option<usize>, page: usize) {
        self.cursor.0 = row.min(self.n_shown().saturating_sub(1));
        if let Some(column) = column {
            self.cursor.1 = column.min(self.n_columns().saturating_sub(1));
        }
        self.keep_row_in_sight(page);
        self.version += 1;
    }

    fn keep_row_in_sight(&mut self, page: usize) {
        let to_usize = |row: u64| usize::try_from(row).unwrap_or(usize::MAX);
        self.first.0 = scroll::keep_in_sight(to_usize(self.first.0), to_usize(self.cursor.0), page) as u64;
        self.version += 1;
    }

    /// Moves the cursor to other columns.
    pub fn move_columns(&mut self, by: i32) {
        self.cursor.1 = scroll::moved(self.cursor.1, self.n_columns(), 1, Move::Lines(by));
        self.version += 1;
    }

    /// Keeps the cursor's column in sight.
    pub fn keep_column_in_sight(&mut self, inner: Rect) {
        self.first.1 = self.first.1.min(self.cursor.1);
        while self.first.1 < self.cursor.1 && !self.shows_whole(inner, self.cursor.1) {
            self.first.1 += 1;
        }
    }

    fn shows_whole(&self, inner: Rect, column: usize) -> bool {
        let wanted = u16::try_from(self.width_of(column)).unwrap_or(u16::MAX);
        self.grid(inner).columns.iter().any(|(idx, _, width)| *idx == column && *width >= wanted)
    }

    /// Where the cells are inside a pane.
    pub fn grid(&self, inner: Rect) -> Grid {
        let n_digits = self.rows.sure().max(1).to_string().len().max(3);
        let gutter = u16::try_from(n_digits).unwrap_or(3) + 1;
        let mut columns = Vec::new();
        let mut at = gutter;
        for idx in self.first.1..self.n_columns() {
            let rest = inner.width.saturating_sub(at + 1);
            let width = u16::try_from(self.width_of(idx)).unwrap_or(8).min(rest);
            if width < 4 {
                break;
            }
            columns.push((idx, at, width));
            at += width + 2;
        }
        Grid { gutter, columns, n_rows: usize::from(inner.height.saturating_sub(HEAD + 1)) }
    }

    /// Columns of the table.
    pub fn n_columns(&self) -> usize {
        self.source.as_ref().map_or(0, |source| source.columns.len())
    }

    /// Rows that are shown; of the whole table those that are sure.
    pub fn n_shown(&self) -> u64 {
        self.view.rows().map_or(self.rows.sure(), |rows| rows.rows().len() as u64)
    }

    /// The number in the file of the row at a place.
    pub fn row_at(&self, place: u64) -> Option<u64> {
        match self.view.rows() {
            None => Some(place),
            Some(rows) => rows.rows().get(usize::try_from(place).ok()?).map(|row| u64::from(*row)),
        }
    }

    /// The place of a row of the file; none where the view leaves it out.
    pub fn place_of(&self, row: u64) -> Option<u64> {
        match self.view.rows() {
            None => Some(row),
            Some(rows) => rows.place_of(row),
        }
    }

    /// Other rows are shown; the cursor stays on its row where that is among them.
    pub fn change_view(&mut self, page: usize, change: impl FnOnce(&mut View)) {
        let row = self.row_at(self.cursor.0);
        change(&mut self.view);
        self.page = Page::default();
        self.first.0 = 0;
        let place = row.and_then(|row| self.place_of(row)).unwrap_or(0);
        self.go_to(place, None, page);
    }

    /// The window that should be read, where the one here does not cover what is in sight.
    pub fn wanted(&self, page: usize) -> Option<(u64, usize)> {
        self.source.as_ref()?;
        if self.n_shown() == 0 && self.view.rows().is_some() {
            return None;
        }
        let last = (self.first.0 + page as u64).min(self.n_shown()).saturating_sub(1);
        if self.page.holds(self.first.0) && self.page.holds(last) {
            return None;
        }
        if self.view.rows().is_some() {
            // Each of these rows may be anywhere in the file.
            return Some((self.first.0.saturating_sub(page as u64), page * 3));
        }
        let before = (PAGE_ROWS / 2) as u64;
        Some((self.first.0.saturating_sub(before), PAGE_ROWS.max(page * 2) + PAGE_ROWS / 2))
    }

    /// The cell under the cursor.
    pub fn cell(&self) -> Option<&SafeText> {
        self.page.row(self.cursor.0)?.get(self.cursor.1)?.as_ref()
    }

    /// Width of a column on the screen: as wide as its name and its cells, within bounds.
    pub fn width_of(&self, column: usize) -> usize {
        let Some(source) = &self.source else { return 0 };
        let name = source.columns.get(column).map_or(0, |column| crate::text::wrap::width(column.label.as_str()));
        let cells = self
            .page
            .rows
            .iter()
            .take(60)
            .filter_map(|row| row.get(column)?.as_ref())
            .map(|cell| crate::text::wrap::width(cell.as_str()))
            .max();
        let mark = if self.view.order().is_some_and(|(by, _)| by == column) { 2 } else { 0 };
        (name + mark).max(cells.unwrap_or(1)).clamp(8, 24)
    }
}
