//! The data pane as a viewer of tables: searches, sorts, filters, counts of values, whole cells.

use std::collections::BTreeMap;
use std::path::Path;

use rationale::app::effect::{Effect, Job};
use rationale::app::msg::{JobEvent, Msg};
use rationale::domain::kind::Kind;
use rationale::domain::view::{Counts, Found, Needle, RowOrder, Step, Value};
use rationale::effects::data::Table;
use rationale::text::RawText;
use tokio_util::sync::CancellationToken;

use crate::harness::{Harness, SIZES, repository};

fn cancel() -> CancellationToken {
    CancellationToken::new()
}

fn step(table: &Table, step: Step, base: Option<&RowOrder>) -> (Step, RowOrder) {
    let stepped = table.step(step, base, &cancel(), &|_| {}).unwrap();
    assert!(stepped.is_exact);
    (stepped.step, stepped.rows)
}

fn filter(column: usize, kind: Kind, value: Value, is_not: bool) -> Step {
    Step::Filter { column, kind, value, is_not }
}

fn is(value: &str) -> Value {
    Value::Is(Some(RawText::new(value)))
}

/// Rows of a table of three columns with what is hard: no values, numbers written in two ways, wide letters, quotes.
fn rows() -> Vec<[String; 3]> {
    let words = ["north", "süd", "東京", "a \"b\"", "", "NA", "x,y", "Zebra", "line\nend"];
    (0..5000u64)
        .map(|row| {
            let mixed = row * 7919 % 1009;
            let number = match mixed % 5 {
                0 => String::new(),
                1 => format!("{}.50", mixed / 7),
                2 => format!("{}.5", mixed / 7),
                _ => format!("{}", mixed % 90),
            };
            [row.to_string(), number, words[usize::try_from(mixed % 9).unwrap()].to_owned()]
        })
        .collect()
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "NA")
}

/// The same rows as CSV and as NDJSON.
fn written(folder: &Path) -> [std::path::PathBuf; 2] {
    let (mut csv, mut ndjson) = ("id,number,word\n".to_owned(), String::new());
    for [id, number, word] in rows() {
        csv.push_str(&format!("{id},{number},\"{}\"\n", word.replace('"', "\"\"")));
        let number = if number.is_empty() { "null".to_owned() } else { number };
        let word = if is_null(&word) { serde_json::Value::Null } else { word.into() };
        ndjson.push_str(&format!("{{\"id\": {id}, \"number\": {number}, \"word\": {word}}}\n"));
    }
    let paths = [folder.join("t.csv"), folder.join("t.ndjson")];
    std::fs::write(&paths[0], csv).unwrap();
    std::fs::write(&paths[1], ndjson).unwrap();
    paths
}

/// Tables that were counted, so that every row can be found.
fn tables(folder: &Path) -> Vec<Table> {
    written(folder)
        .iter()
        .map(|path| {
            let table = Table::open(path).unwrap();
            assert_eq!(table.count(&cancel(), &mut |_| {}).unwrap(), 5000);
            table
        })
        .collect()
}

#[test]
fn sorted_and_filtered_rows_are_those_of_a_plain_computation() {
    let folder = tempfile::tempdir().unwrap();
    let all = rows();
    let number = |row: &u32| all[*row as usize][1].parse::<f64>().ok();
    let word = |row: &u32| Some(all[*row as usize][2].as_str()).filter(|word| !is_null(word));
    for table in tables(folder.path()) {
        for is_descending in [false, true] {
            let sort = |column| step(&table, Step::Sort { column, is_descending }, None).1.rows().to_vec();
            let mut plain: Vec<u32> = (0..5000).collect();
            plain.sort_by(|a, b| match (number(a), number(b)) {
                (Some(a), Some(b)) if is_descending => b.total_cmp(&a),
                (Some(a), Some(b)) => a.total_cmp(&b),
                (a, b) => a.is_none().cmp(&b.is_none()),
            });
            assert_eq!(sort(1), plain);
            plain.sort_unstable();
            plain.sort_by(|a, b| match (word(a), word(b)) {
                (Some(a), Some(b)) if is_descending => b.cmp(a),
                (a @ Some(_), b @ Some(_)) => a.cmp(&b),
                (a, b) => a.is_none().cmp(&b.is_none()),
            });
            assert_eq!(sort(2), plain);
        }
        // A filter by the cell of a row, one that leaves out, an order on top, one more filter on top of that.
        let row = (0..5000u64).find(|row| all[usize::try_from(*row).unwrap()][1].ends_with(".50")).unwrap();
        let (first, one) = step(&table, filter(1, Kind::Float, Value::OfRow(row), true), None);
        let wanted = number(&u32::try_from(row).unwrap());
        assert!(matches!(first, Step::Filter { value: Value::Is(Some(_)), .. }));
        let plain: Vec<u32> = (0..5000).filter(|row| number(row) != wanted).collect();
        assert_eq!(one.rows(), plain);
        let (_, two) = step(&table, Step::Sort { column: 2, is_descending: true }, Some(&one));
        let (_, three) = step(&table, filter(2, Kind::Text, Value::Is(None), true), Some(&two));
        let mut plain: Vec<u32> = plain.into_iter().filter(|row| word(row).is_some()).collect();
        plain.sort_by(|a, b| word(b).cmp(&word(a)));
        assert_eq!(three.rows(), plain);
        let (_, four) = step(&table, Step::Unsort, Some(&three));
        plain.sort_unstable();
        assert_eq!(four.rows(), plain);
        // The window of rows that is shown of it.
        let wanted = &three.rows()[1000..1040];
        let page = table.page_of(1000, wanted).unwrap();
        let ids: Vec<String> = page.rows.iter().map(|row| row[0].as_ref().unwrap().to_string()).collect();
        assert_eq!(page.first_row, 1000);
        assert_eq!(ids, wanted.iter().map(ToString::to_string).collect::<Vec<_>>());
        let (_, none) = step(&table, filter(2, Kind::Text, is("nowhere"), false), Some(&three));
        assert_eq!(none.rows(), [0u32; 0]);
    }
}

#[test]
fn a_search_finds_what_grep_finds_in_either_direction_and_in_a_view() {
    let folder = tempfile::tempdir().unwrap();
    let all = rows();
    for table in tables(folder.path()) {
        for (typed, grep) in [
            ("zebra", "(?i)zebra"),
            ("Zebra", "Zebra"),
            ("re:^n.*h$", "^n.*h$"),
            ("東", "東"),
            ("499", "499"),
            ("none", "none"),
        ] {
            let needle = Needle::parse(typed).unwrap();
            let grep = regex::Regex::new(grep).unwrap();
            let hit = |row: u64| {
                let cells = &all[usize::try_from(row).unwrap()];
                cells.iter().position(|cell| !is_null(cell) && grep.is_match(cell))
            };
            let (_, view) = step(&table, Step::Sort { column: 1, is_descending: true }, None);
            for from in [0, 2500] {
                for forwards in [true, false] {
                    for view in [None, Some(&view)] {
                        let row = |place: u64| {
                            view.map_or(place, |view| u64::from(view.rows()[usize::try_from(place).unwrap()]))
                        };
                        let mut places: Vec<(u64, bool)> = if forwards {
                            (from..5000)
                                .map(|place| (place, false))
                                .chain((0..from).map(|place| (place, true)))
                                .collect()
                        } else {
                            (0..from)
                                .rev()
                                .map(|place| (place, false))
                                .chain((from..5000).rev().map(|place| (place, true)))
                                .collect()
                        };
                        places.retain(|(place, _)| hit(row(*place)).is_some());
                        let plain = places.first().map(|(place, is_wrapped)| Found {
                            place: *place,
                            column: hit(row(*place)).unwrap(),
                            is_wrapped: *is_wrapped,
                        });
                        let found = table.find(&needle, (from, forwards), (view, 5000), &cancel(), &|_| {}).unwrap();
                        assert_eq!(found, plain, "{typed} from {from}, forwards {forwards}, view {}", view.is_some());
                    }
                }
            }
        }
    }
}

#[test]
fn values_are_counted_over_all_rows_and_a_cell_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    for table in tables(folder.path()) {
        let mut plain: BTreeMap<String, u64> = BTreeMap::new();
        for [_, number, _] in rows() {
            *plain
                .entry(number.parse::<f64>().map_or_else(|_| "null".to_owned(), |number| number.to_string()))
                .or_default() += 1;
        }
        let counts = table.counts(1, Kind::Float, &cancel(), &|_| {}).unwrap();
        let counted: BTreeMap<String, u64> = counts
            .values
            .iter()
            .map(|(value, n)| {
                let number = value.as_ref().map(|value| value.expose().parse::<f64>().unwrap().to_string());
                (number.unwrap_or_else(|| "null".to_owned()), *n)
            })
            .collect();
        assert_eq!((counted, counts.n_rows, counts.is_cut), (plain.clone(), 5000, false));
        assert_eq!(counts.n_distinct, plain.len() as u64);
        assert!(counts.values.is_sorted_by_key(|(_, n)| std::cmp::Reverse(*n)));
        let at = rows().iter().position(|row| row[2] == "line\nend").unwrap() as u64;
        assert_eq!(table.cell(at, 2).unwrap().as_deref(), Some("line\nend"));
        let at = rows().iter().position(|row| is_null(&row[2])).unwrap() as u64;
        assert_eq!(table.cell(at, 2).unwrap(), None);
    }
}

/// The penguins with the table answering for the interpreter.
fn answer(bench: &mut Harness, table: &Table) {
    let (id, job) = bench.jobs().pop().unwrap();
    let event = match job {
        Job::Find { needle, from, forwards, rows, n_rows } => {
            JobEvent::Found(table.find(&needle, (from, forwards), (rows.as_ref(), n_rows), &cancel(), &|_| {}).unwrap())
        }
        Job::Step { step, base } => {
            let stepped = table.step(step, base.as_ref(), &cancel(), &|_| {}).unwrap();
            JobEvent::Stepped(stepped.step, stepped.rows, stepped.is_exact)
        }
        Job::Page { first_row, rows: Some(rows), .. } => JobEvent::Paged(table.page_of(first_row, &rows).unwrap()),
        Job::Page { first_row, n, rows: None } => JobEvent::Paged(table.page(first_row, n).unwrap()),
        Job::Counts { column, kind } => {
            JobEvent::Counts(Box::new(table.counts(column, kind, &cancel(), &|_| {}).unwrap()))
        }
        Job::Cell { row, column } => JobEvent::Cell(row, column, table.cell(row, column).unwrap().map(RawText::new)),
        other => panic!("{other:?}"),
    };
    let n = bench.jobs().len();
    bench.send(Msg::Job { id, event });
    if bench.jobs().len() > n {
        answer(bench, table);
    }
}

fn penguins() -> Table {
    Table::open(&repository().join("assets/penguins.csv")).unwrap()
}

fn check(name: &str, bench: &mut Harness) {
    let (columns, rows) = bench.model.layout.size();
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(format!("table-{name}-{columns}x{rows}"), bench.screen());
    });
}

#[test]
fn a_search_in_the_table_jumps_to_the_cell_and_esc_ends_it() {
    let table = penguins();
    for (columns, rows) in SIZES {
        let mut bench = Harness::framed(columns, rows);
        bench.keys("1 /");
        bench.type_text("chin東");
        check("search-typing", &mut bench);
        bench.keys("backspace enter");
        bench.send(Msg::Job { id: bench.jobs().last().unwrap().0, event: JobEvent::Passed(9_000) });
        check("searching", &mut bench);
        answer(&mut bench, &table);
        check("search-found", &mut bench);
        let first = bench.model.dataset.cursor;
        bench.keys("n");
        answer(&mut bench, &table);
        assert_eq!(bench.model.dataset.cursor, (first.0 + 1, first.1));
        bench.keys("N");
        answer(&mut bench, &table);
        assert_eq!(bench.model.dataset.cursor, first);
        bench.keys("esc");
        assert!(bench.model.dataset.find.needle.is_none());
        bench.keys("/");
        bench.type_text("re:(");
        bench.keys("enter");
        assert!(bench.screen().contains("unclosed group"), "{}", bench.screen());
        bench.keys("backspace");
        bench.type_text("q{3}");
        bench.keys("enter");
        answer(&mut bench, &table);
        assert!(bench.screen().contains("nothing found in 344 rows"), "{}", bench.screen());
    }
}

#[test]
fn what_comes_after_esc_changes_nothing() {
    let mut bench = Harness::framed(100, 30);
    bench.keys("1 /");
    bench.type_text("chin");
    bench.keys("enter");
    let (id, _) = bench.jobs().pop().unwrap();
    bench.keys("esc");
    assert!(bench.effects.contains(&Effect::Cancel(id)));
    let before = bench.screen();
    bench.send(Msg::Job { id, event: JobEvent::Found(Some(Found { place: 200, column: 0, is_wrapped: false })) });
    assert_eq!(bench.screen(), before);
    bench.keys("O");
    let (id, _) = bench.jobs().pop().unwrap();
    bench.keys("esc");
    let sorted = Step::Sort { column: 0, is_descending: false };
    bench.send(Msg::Job { id, event: JobEvent::Stepped(sorted, RowOrder::new(vec![3, 2, 1]), true) });
    assert!(bench.model.dataset.view.steps.is_empty());
}

#[test]
fn sorts_and_filters_stack_and_are_taken_back_one_by_one() {
    let table = penguins();
    for (columns, rows) in SIZES {
        let mut bench = Harness::framed(columns, rows);
        bench.keys("1 right right O");
        answer(&mut bench, &table);
        check("sorted", &mut bench);
        bench.keys("O");
        answer(&mut bench, &table);
        assert!(bench.screen().contains('▼'));
        assert_eq!(bench.model.dataset.view.steps.len(), 1);
        bench.keys("g left left ,");
        answer(&mut bench, &table);
        bench.keys("right right !");
        answer(&mut bench, &table);
        check("filtered", &mut bench);
        let n = bench.model.dataset.n_shown();
        assert!(n > 0 && n < 344, "{n}");
        bench.keys("alt-y");
        let Some(Effect::Copy(recipe)) = bench.effects.last().cloned() else { panic!("nothing was copied") };
        assert!(
            recipe
                .starts_with("df.loc[lambda t: t[\"species\"] == \"Gentoo\"].loc[lambda t: t[\"bill_length_mm\"] != "),
            "{recipe}"
        );
        assert!(recipe.ends_with(".sort_values(\"bill_length_mm\", ascending=False, kind=\"stable\")"), "{recipe}");
        // A row that a warning points at is shown, whatever the view.
        for left in [2, 1, 0] {
            bench.keys("backspace");
            answer(&mut bench, &table);
            assert_eq!(bench.model.dataset.view.steps.len(), left);
        }
        assert_eq!(bench.model.dataset.n_shown(), 344);
        let is_view = |job: &Job| matches!(job, Job::Profile | Job::Frame(_));
        assert_eq!(bench.jobs().iter().filter(|(_, job)| is_view(job)).count(), 2, "the view touched the analysis");
    }
}

#[test]
fn a_filter_that_leaves_nothing_says_how_to_go_back() {
    let table = penguins();
    let mut bench = Harness::framed(100, 30);
    bench.keys("1 ,");
    answer(&mut bench, &table);
    bench.keys("!");
    answer(&mut bench, &table);
    assert_eq!(bench.model.dataset.n_shown(), 0);
    assert!(bench.screen().contains("no rows – Backspace takes the last filter back"), "{}", bench.screen());
    bench.keys("down G , enter n T backspace");
    assert_eq!(bench.model.dataset.view.steps.len(), 1);
}

#[test]
fn the_values_of_a_column_are_a_table_and_enter_filters() {
    let table = penguins();
    for (columns, rows) in SIZES {
        let mut bench = Harness::framed(columns, rows);
        bench.keys("1 right T");
        answer(&mut bench, &table);
        check("values", &mut bench);
        bench.keys("down enter");
        answer(&mut bench, &table);
        assert!(bench.screen().contains("124 of 344 rows"), "{}", bench.screen());
        let wide = Counts {
            values: vec![(Some(RawText::new("東京都\u{202e}x")), 3), (None, 2)],
            n_distinct: 2,
            n_rows: 5,
            ..Counts::default()
        };
        bench.keys("T");
        bench.report(JobEvent::Counts(Box::new(wide)));
        check("values-wide", &mut bench);
    }
}

#[test]
fn a_whole_cell_is_wrapped_laid_out_scrolled_and_copied() {
    for (columns, rows) in SIZES {
        let mut bench = Harness::framed(columns, rows);
        bench.keys("1 enter");
        let text =
            format!("{{\"name\": \"東京\\u202e\", \"note\": \"{}\", \"n\": [1, 2.50]}}", "long text ".repeat(120));
        bench.report(JobEvent::Cell(0, 0, Some(RawText::new(text.clone()))));
        check("cell", &mut bench);
        bench.keys("y");
        assert_eq!(bench.effects.last(), Some(&Effect::Copy(text)));
        bench.keys("G");
        assert!(bench.screen().contains("2.50"), "{}", bench.screen());
        bench.keys("esc");
        assert!(bench.model.overlay.is_none());
    }
}

#[test]
fn a_row_by_its_number_and_a_column_by_a_part_of_its_name() {
    let table = penguins();
    let mut bench = Harness::framed(100, 30);
    bench.keys("1 #");
    bench.type_text("3,00");
    check("go-to", &mut bench);
    bench.keys("enter");
    answer(&mut bench, &table);
    assert_eq!(bench.model.dataset.cursor, (300, 0));
    bench.keys("#");
    bench.type_text("flip");
    bench.keys("enter");
    assert_eq!(bench.model.dataset.cursor, (300, 4));
    bench.keys("#");
    bench.type_text("344");
    bench.keys("enter");
    assert!(bench.screen().contains("the last row known is 343"));
    bench.keys("backspace backspace backspace");
    bench.type_text("qqq");
    bench.keys("enter");
    assert!(bench.screen().contains("no column has a name like qqq"));
    bench.keys("esc");
    // In a view the number is that of the file.
    bench.keys("left left left left O");
    answer(&mut bench, &table);
    bench.keys("O");
    answer(&mut bench, &table);
    bench.keys("#");
    bench.type_text("5");
    bench.keys("enter");
    answer(&mut bench, &table);
    assert_eq!(bench.model.dataset.row_at(bench.model.dataset.cursor.0), Some(5));
    assert_ne!(bench.model.dataset.cursor.0, 5);
}
