//! Jobs that look at the open table: windows, searches, sorts and filters, counts of values, whole cells.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::{Reporter, lock};
use crate::app::effect::Job;
use crate::app::msg::JobEvent;
use crate::domain::failure::Failure;
use crate::effects::data::Table;
use crate::safe;
use crate::text::RawText;

/// How long it takes at least until a job tells again how far it is.
const PAUSE: Duration = Duration::from_millis(100);

/// Does such a job.
pub(super) fn look(
    table: &Table,
    job: Job,
    reporter: &Reporter,
    stop: &CancellationToken,
) -> Result<JobEvent, Failure> {
    let told = Mutex::new(Instant::now());
    let hear = |n_bytes: u64| {
        let is_time = {
            let mut told = lock(&told);
            let is_time = told.elapsed() > PAUSE;
            if is_time {
                *told = Instant::now();
            }
            is_time
        };
        if is_time && !stop.is_cancelled() {
            reporter.send_blocking(JobEvent::Passed(n_bytes));
        }
    };
    match job {
        Job::Page { first_row, rows: Some(rows), .. } => table.page_of(first_row, &rows).map(JobEvent::Paged),
        Job::Page { first_row, n, rows: None } => table.page(first_row, n).map(JobEvent::Paged),
        Job::Find { needle, from, forwards, rows, n_rows } => {
            table.find(&needle, (from, forwards), (rows.as_ref(), n_rows), stop, &hear).map(JobEvent::Found)
        }
        Job::Step { step, base } => {
            let stepped = table.step(step, base.as_ref(), stop, &hear)?;
            Ok(JobEvent::Stepped(stepped.step, stepped.rows, stepped.is_exact))
        }
        Job::Counts { column, kind } => {
            table.counts(column, kind, stop, &hear).map(|counts| JobEvent::Counts(Box::new(counts)))
        }
        Job::Draw { wanted, rows } => {
            table.draw(wanted, rows.as_ref(), stop).map(|chart| JobEvent::Charted(Box::new(chart)))
        }
        Job::Cell { row, column } => {
            table.cell(row, column).map(|cell| JobEvent::Cell(row, column, cell.map(RawText::new)))
        }
        _ => Err(Failure::work(safe!("the table"), safe!("this is no way to look at it"), safe!("report it"))),
    }
}
