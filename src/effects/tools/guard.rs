//! What a query of the model may ask for: one SELECT on one table, and below raw rows only aggregates.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Ident, LimitClause, ObjectName, Query, Select,
    SelectItem, SetExpr, Statement, TableFactor, Visit, Visitor,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

/// The table's name in SQL.
pub const TABLE: &str = "data";
/// The hidden column with the rows of each group.
pub const N_ROWS: &str = "rows_of_group__";
/// Groups of fewer rows than this are left out.
pub const MIN_ROWS: u64 = 5;

/// A query that may be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// It returns aggregates only. The SQL has one more column, [`N_ROWS`].
    Aggregates(String),
    /// It returns rows, or what could be rows.
    Rows(String),
}

const AGGREGATES: [&str; 14] = [
    "count",
    "sum",
    "avg",
    "mean",
    "stddev",
    "stddev_samp",
    "stddev_pop",
    "stdev",
    "variance",
    "var_samp",
    "var_pop",
    "var",
    "median",
    "corr",
];
const SCALARS: [&str; 10] = ["round", "abs", "coalesce", "nullif", "sqrt", "ln", "log", "floor", "ceil", "exp"];

/// Reads a query and says what it may return; an error is a sentence for whoever wrote it.
pub fn check(sql: &str) -> Result<Allowed, String> {
    let statements = Parser::parse_sql(&GenericDialect, sql.trim().trim_end_matches(';'))
        .map_err(|error| format!("the SQL can't be read: {error}"))?;
    let [Statement::Query(query)] = statements.as_slice() else {
        return Err("one SELECT is allowed, and nothing else".into());
    };
    let mut tables = Tables { refused: None, known: vec![TABLE.to_owned()] };
    if let Some(with) = &query.with {
        tables.known.extend(with.cte_tables.iter().map(|table| table.alias.name.value.to_lowercase()));
    }
    let _ = query.visit(&mut tables);
    if let Some(refused) = tables.refused {
        return Err(refused);
    }
    Ok(match aggregates(query) {
        Some(sql) => Allowed::Aggregates(sql),
        None => Allowed::Rows(query.to_string()),
    })
}

/// Looks at every table that a query names.
struct Tables {
    refused: Option<String>,
    known: Vec<String>,
}

impl Tables {
    fn refuse(&mut self, why: &str) -> ControlFlow<()> {
        self.refused = Some(why.to_owned());
        ControlFlow::Break(())
    }
}

impl Visitor for Tables {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        if select.from.len() > 1 || select.from.iter().any(|from| !from.joins.is_empty()) {
            return self.refuse("joins are not allowed");
        }
        if select.into.is_some() {
            return self.refuse("nothing can be written");
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { args: None, .. } | TableFactor::Derived { .. } => ControlFlow::Continue(()),
            _ => self.refuse("only the table data can be read; no file and no function gives another"),
        }
    }

    fn pre_visit_relation(&mut self, name: &ObjectName) -> ControlFlow<()> {
        let plain = name.to_string().trim_matches(['"', '`']).to_lowercase();
        if self.known.contains(&plain) { ControlFlow::Continue(()) } else { self.refuse("the only table is data") }
    }
}

/// The query with the rows of each group counted, where it returns nothing but aggregates and what it groups by.
fn aggregates(query: &Query) -> Option<String> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let is_plain = query.with.is_none()
        && query.fetch.is_none()
        && query.pipe_operators.is_empty()
        && select.distinct.is_none()
        && select.top.is_none()
        && select.qualify.is_none()
        && select.lateral_views.is_empty()
        && select.prewhere.is_none()
        && matches!(select.from.first()?.relation, TableFactor::Table { .. });
    if !is_plain {
        return None;
    }
    let GroupByExpr::Expressions(groups, modifiers) = &select.group_by else { return None };
    if !modifiers.is_empty() {
        return None;
    }
    let mut has_aggregate = false;
    for item in &select.projection {
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else { return None };
        let is_group = is_group(expr, groups, item);
        if !is_group && !is_aggregate(expr, groups) {
            return None;
        }
        has_aggregate |= !is_group;
    }
    if !has_aggregate && groups.is_empty() {
        return None;
    }
    let mut query = query.clone();
    // A limit below would count rows before small groups are left out; the tool has a limit of its own.
    if matches!(&query.limit_clause, Some(LimitClause::LimitOffset { offset: Some(_), .. })) {
        return None;
    }
    let SetExpr::Select(select) = query.body.as_mut() else { return None };
    let count = Parser::new(&GenericDialect).try_with_sql("COUNT(*)").ok()?.parse_expr().ok()?;
    select.projection.push(SelectItem::ExprWithAlias { expr: count, alias: Ident::with_quote('"', N_ROWS) });
    Some(query.to_string())
}

fn is_group(expr: &Expr, groups: &[Expr], item: &SelectItem) -> bool {
    groups.iter().any(|group| {
        let by_alias = matches!((group, item), (Expr::Identifier(name), SelectItem::ExprWithAlias { alias, .. }) if name.value == alias.value);
        group == expr || by_alias
    })
}

fn is_aggregate(expr: &Expr, groups: &[Expr]) -> bool {
    match expr {
        Expr::Value(_) => true,
        Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } | Expr::Cast { expr: inner, .. } => {
            is_aggregate(inner, groups)
        }
        Expr::BinaryOp { left, right, .. } => is_aggregate(left, groups) && is_aggregate(right, groups),
        Expr::Function(function) => {
            let name = function.name.to_string().to_lowercase();
            let FunctionArguments::List(list) = &function.args else { return false };
            if function.over.is_some() || !list.clauses.is_empty() {
                return false;
            }
            if AGGREGATES.contains(&name.as_str()) {
                return true;
            }
            let arguments = list.args.iter().map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
                _ => None,
            });
            SCALARS.contains(&name.as_str())
                && arguments.clone().all(|expr| expr.is_some_and(|expr| is_aggregate(expr, groups)))
        }
        _ => groups.contains(expr),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_aggregates(sql: &str) -> bool {
        matches!(check(sql).unwrap(), Allowed::Aggregates(_))
    }

    #[test]
    fn aggregates_are_told_from_rows() {
        for sql in [
            "SELECT COUNT(*) FROM data",
            "select plan, avg(churned) as rate from data group by plan order by rate desc limit 5;",
            "SELECT ROUND(AVG(a) - AVG(b), 3), 100 * SUM(CASE WHEN c > 1 THEN 1 ELSE 0 END) / COUNT(*) FROM data WHERE d IS NULL",
            "SELECT (age > 50) AS old, COUNT(*) FROM data GROUP BY (age > 50)",
            "SELECT plan FROM data GROUP BY plan",
        ] {
            assert!(is_aggregates(sql), "{sql}");
        }
        for sql in [
            "SELECT * FROM data",
            "SELECT name FROM data LIMIT 1",
            "SELECT MIN(name) FROM data",
            "SELECT plan, name, COUNT(*) FROM data GROUP BY plan",
            "SELECT DISTINCT name FROM data",
            "SELECT COUNT(*) FROM (SELECT * FROM data LIMIT 1)",
            "WITH one AS (SELECT * FROM data WHERE id = 7) SELECT COUNT(*) FROM one",
            "SELECT SUM(a) OVER (PARTITION BY id) FROM data",
            "SELECT COALESCE(name, 'x') FROM data",
            "SELECT COUNT(*) FROM data GROUP BY plan LIMIT 1 OFFSET 3",
        ] {
            assert!(!is_aggregates(sql), "{sql}");
        }
        let Allowed::Aggregates(sql) = check("SELECT plan, AVG(x) FROM data GROUP BY plan").unwrap() else { panic!() };
        assert_eq!(sql, "SELECT plan, AVG(x), COUNT(*) AS \"rows_of_group__\" FROM data GROUP BY plan");
    }

    #[test]
    fn nothing_but_the_table_can_be_read_and_nothing_can_be_written() {
        for (sql, why) in [
            ("SELECT * FROM read_csv('/etc/passwd')", "only the table data"),
            ("SELECT * FROM other", "the only table is data"),
            ("SELECT * FROM data a JOIN data b ON a.x = b.x", "joins"),
            ("SELECT * FROM data, data", "joins"),
            ("SELECT (SELECT COUNT(*) FROM secret) FROM data", "the only table is data"),
            ("DROP TABLE data", "one SELECT"),
            ("CREATE TABLE x AS SELECT * FROM data", "one SELECT"),
            ("SELECT 1; SELECT 2", "one SELECT"),
            ("SELEC", "can't be read"),
        ] {
            let refused = check(sql).unwrap_err();
            assert!(refused.contains(why), "{sql}: {refused}");
        }
        assert!(check("WITH a AS (SELECT x FROM data) SELECT x FROM a").is_ok());
    }
}
