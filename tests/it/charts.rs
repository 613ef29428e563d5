//! Charts of the table: what the keys ask for, what is drawn of real columns, and of those of which nothing can be.

use std::path::Path;

use rationale::app::effect::{Effect, Job};
use rationale::app::msg::JobEvent;
use rationale::domain::charts::picture::lines;
use rationale::domain::charts::{Chart, Wanted};
use rationale::domain::view::RowOrder;
use rationale::effects::data::Table;
use tokio_util::sync::CancellationToken;

use crate::harness::{Harness, SIZES, repository};

fn penguins() -> Table {
    Table::open(&repository().join("assets/penguins.csv")).unwrap()
}

fn drawn(table: &Table, wanted: Wanted, rows: Option<&RowOrder>) -> Chart {
    table.draw(wanted, rows, &CancellationToken::new()).unwrap()
}

fn wanted(bench: &Harness) -> Wanted {
    match bench.last_job() {
        Some(Job::Draw { wanted, .. }) => wanted,
        other => panic!("{other:?}"),
    }
}

/// Answers what was asked for from the real file.
fn answer(bench: &mut Harness) {
    let chart = drawn(&penguins(), wanted(bench), None);
    bench.report(JobEvent::Charted(Box::new(chart)));
}

#[test]
fn each_kind_at_three_sizes() {
    // Keys from the data pane; the columns are species, island, four measures, sex, year.
    let screens =
        [("histogram", "l l D"), ("boxes", "l l D right"), ("scatter", "l l D right down down"), ("pairs", "D left")];
    for (name, keys) in screens {
        for (columns, rows) in SIZES {
            let mut bench = Harness::framed(columns, rows);
            for key in keys.split(' ') {
                bench.keys(key);
                if matches!(bench.last_job(), Some(Job::Draw { .. })) {
                    answer(&mut bench);
                }
            }
            insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
                insta::assert_snapshot!(format!("chart-{name}-{columns}x{rows}"), bench.screen());
            });
        }
    }
}

#[test]
fn keys_choose_columns_bins_and_kinds_and_only_the_last_answer_counts() {
    let mut bench = Harness::framed(100, 30);
    bench.keys("l l l D");
    assert_eq!(wanted(&bench), Wanted::Alone { column: 3, n_bins: None });
    answer(&mut bench);
    bench.keys("+");
    assert_eq!(wanted(&bench), Wanted::Alone { column: 3, n_bins: Some(13) });
    // The other column is the target, until another is chosen; a column is never set against itself.
    bench.keys("right");
    assert_eq!(wanted(&bench), Wanted::Pair { x: 0, y: 3 });
    bench.keys("down down down");
    assert_eq!(wanted(&bench), Wanted::Pair { x: 4, y: 3 });
    let late = JobEvent::Charted(Box::new(Chart::Nothing("this is late")));
    let first = bench.jobs().into_iter().find(|(_, job)| matches!(job, Job::Draw { .. })).unwrap().0;
    bench.send(rationale::app::msg::Msg::Job { id: first, event: late });
    assert!(!bench.screen().contains("this is late"));
    answer(&mut bench);
    assert!(bench.screen().contains("Pearson's r"), "{}", bench.screen());
    bench.keys("y");
    let Some(Effect::Copy(text)) = bench.effects.last() else { panic!("nothing was copied") };
    assert!(text.starts_with("342 rows with both values · Pearson's r -0.584 · Spearman's ρ -0.523"), "{text}");
    bench.keys("esc");
    assert!(bench.model.overlay.is_none());
}

fn text(chart: &Chart, size: (usize, usize)) -> Vec<String> {
    lines(chart, size).iter().map(rationale::text::ink::Line::text).collect()
}

fn table(folder: &Path, text: &str) -> Table {
    let path = folder.join("t.csv");
    std::fs::write(&path, text).unwrap();
    Table::open(&path).unwrap()
}

#[test]
fn a_view_draws_its_own_rows_and_rows_without_a_value_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path(), "n,word,day\n1,a,2024-01-01\n2,b,2024-01-02\n,a,2024-01-03\n9,,2024-01-04\n");
    let alone =
        |column, rows: Option<&RowOrder>| text(&drawn(&table, Wanted::Alone { column, n_bins: None }, rows), (60, 20));
    assert_eq!(alone(0, None)[0], "3 rows with a value, 1 without · skew 1.63");
    let shown = RowOrder::new(vec![3, 0]);
    assert_eq!(alone(0, Some(&shown))[1], "from 1 to 9 · half between 3 and 7 · middle 5 · mean 5 ± 5.66");
    assert_eq!(alone(1, None)[0], "3 rows with a value, 1 without");
    assert_eq!(alone(1, None)[2].split_whitespace().take(2).collect::<Vec<_>>(), ["a", "2"]);
    assert_eq!(
        alone(2, None)[1],
        "from 2024-01-01 to 2024-01-04 · half between 2024-01-01 and 2024-01-03 · middle 2024-01-02"
    );
    let course = text(&drawn(&table, Wanted::Pair { x: 2, y: 0 }, None), (60, 20));
    assert_eq!(course[0], "3 rows with both values · each point is the mean of one hour");
    let cross = text(&drawn(&table, Wanted::Pair { x: 1, y: 1 }, None), (60, 20));
    assert_eq!(cross[0], "3 rows with both values · Cramér's V 1.000, corrected for few rows");
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path(), "empty,same,name,other\n,5,x,\n,5,y,1\n,5,z,\n");
    let all = |wanted| text(&drawn(&table, wanted, None), (60, 20));
    let alone = |column| all(Wanted::Alone { column, n_bins: None });
    assert_eq!(alone(0), ["it holds no value"]);
    assert!(alone(1)[1].starts_with("from 5 to 5"), "{:?}", alone(1));
    assert_eq!(all(Wanted::Pair { x: 0, y: 3 }), ["no row has both values"]);
    assert_eq!(all(Wanted::Matrix), ["fewer than two columns can be compared"]);
}
