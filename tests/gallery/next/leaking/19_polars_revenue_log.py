# kind: script
# target: log_revenue
# leak: target-in-features
# line: 33
# why: the label is the logarithm of revenue, and revenue itself is not dropped from the features.
import polars as pl
import polars.selectors as cs
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

movies = (
    pl.scan_csv("tmdb_movies.csv")
    .filter(pl.col("revenue") > 0, pl.col("budget") > 0)
    .with_columns(
        pl.col("release_date").str.to_date("%Y-%m-%d", strict=False),
        pl.col("revenue").log1p().alias("log_revenue"),
        pl.col("budget").log1p().alias("log_budget"),
        pl.col("overview").str.len_chars().fill_null(0).alias("overview_len"),
    )
    .with_columns(
        pl.col("release_date").dt.year().alias("year"),
        pl.col("release_date").dt.month().alias("month"),
    )
    .select("revenue", "log_revenue", "log_budget", "runtime", "overview_len", "year", "month")
    .drop_nulls()
    .collect()
)

train_idx, test_idx = train_test_split(range(movies.height), test_size=0.25, random_state=8)
train, test = movies[train_idx], movies[test_idx]

inputs = cs.numeric() - cs.by_name("log_revenue")
forest = RandomForestRegressor(n_estimators=300, n_jobs=-1, random_state=8)
forest.fit(train.select(inputs).to_numpy(), train["log_revenue"].to_numpy())
fitted = forest.predict(test.select(inputs).to_numpy())
print("r2 on unseen movies:", r2_score(test["log_revenue"].to_numpy(), fitted))
