//! Typed columns as CSV for Python: exact numbers, ISO times, and one marker for *no value*.

use std::io::Write;

use anyhow::Result;

use crate::domain::kind::Kind;
use crate::effects::data::columnar::value_text;
use crate::effects::data::frame::Frame;

/// What stands for *no value*; the runner knows it too.
pub const NULL: &str = "\\N";

/// Writes a header and the given rows, each with its index in the data set as first field.
pub fn write_rows(out: &mut dyn Write, frame: &Frame, rows: &[usize]) -> Result<()> {
    write_relabelled(out, frame, usize::MAX, rows, rows)
}

/// As [`write_rows`], with the cells of one column taken from other rows.
pub fn write_relabelled(
    out: &mut dyn Write,
    frame: &Frame,
    column: usize,
    rows: &[usize],
    from: &[usize],
) -> Result<()> {
    let mut writer = csv::WriterBuilder::new().from_writer(out);
    writer.write_field("__row__")?;
    for column in &frame.columns {
        writer.write_field(column.series.name().as_str())?;
    }
    writer.write_record(None::<&[u8]>)?;
    for (row, other) in rows.iter().zip(from) {
        writer.write_field(row.to_string())?;
        for (idx, cells) in frame.columns.iter().enumerate() {
            let row = if idx == column { other } else { row };
            writer.write_field(value_text(cells, *row).as_deref().unwrap_or(NULL))?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()?;
    Ok(())
}

/// The type by which the runner reads each column.
pub fn dtypes(frame: &Frame) -> Vec<(String, &'static str)> {
    frame
        .columns
        .iter()
        .map(|column| {
            let has_nulls = column.series.null_count() > 0;
            let dtype = match column.kind {
                Kind::Int if !has_nulls => "int",
                Kind::Int | Kind::Float => "float",
                Kind::Bool => "bool",
                Kind::Date | Kind::Datetime => "time",
                Kind::Text | Kind::Other => "text",
            };
            (column.series.name().to_string(), dtype)
        })
        .collect()
}
