//! How long it takes until the first rows of a file are there: the same for a small file and for one of a gigabyte.
#![expect(clippy::expect_used, reason = "a measurement that cannot be made may say why and stop")]

use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rationale::effects::data::Table;

/// A CSV file of about `n_bytes` with numbers, text and gaps; made once.
fn csv(name: &str, n_bytes: u64) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if std::fs::metadata(&path).is_ok_and(|found| found.len() >= n_bytes) {
        return path;
    }
    let mut out = BufWriter::new(std::fs::File::create(&path).expect("the folder can be written"));
    writeln!(out, "id,amount,place,note,when").expect("there is room on the disk");
    let (mut written, mut row) = (0, 0_u64);
    while written < n_bytes {
        let note = if row % 7 == 0 { "\"one, two\"" } else { "" };
        let line = format!(
            "{row},{}.{:02},place {},{note},2026-01-{:02}\n",
            row * 7919 % 10_000,
            row % 100,
            row % 311,
            row % 28 + 1
        );
        out.write_all(line.as_bytes()).expect("there is room on the disk");
        written += line.len() as u64;
        row += 1;
    }
    out.flush().expect("there is room on the disk");
    path
}

fn first_screen(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("first 50 rows of a CSV of");
    for (name, file, n_bytes) in [("10 MB", "ten.csv", 10_000_000), ("1 GB", "thousand.csv", 1_000_000_000)] {
        let path = csv(file, n_bytes);
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| {
                let table = Table::open(&path).expect("it is a table");
                black_box(table.page(0, 50).expect("it has rows"))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, first_screen);
criterion_main!(benches);
