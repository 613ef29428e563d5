//! Tools that a model may use on this project: to read what the privacy level allows, and to hand files over.

use serde_json::json;

use crate::domain::framing::Privacy;
use crate::text::RawText;

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// What is known of one column.
    ProfileColumn,
    /// SQL on the rows that are not sealed.
    QueryData,
    /// One experiment with its code and verdict.
    ReadExperiment,
    /// A figure that a run drew.
    ReadFigure,
    /// Experiments in which words occur.
    SearchHistory,
    /// Hand files over for review.
    ProposeFiles,
}

/// How a server takes the definition of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// It holds the model to the schema of the input.
    pub strict: bool,
    /// It sends the input while it is written.
    pub eager: bool,
}

/// Most rounds of tools in one question.
pub const MAX_ROUNDS: usize = 12;

impl Tool {
    /// Every tool, in the order in which they are offered; the order never changes, since it is part of what is cached.
    pub const ALL: [Self; 6] = [
        Self::ProfileColumn,
        Self::QueryData,
        Self::ReadExperiment,
        Self::ReadFigure,
        Self::SearchHistory,
        Self::ProposeFiles,
    ];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::ProfileColumn => "profile_column",
            Self::QueryData => "query_data",
            Self::ReadExperiment => "read_experiment",
            Self::ReadFigure => "read_figure",
            Self::SearchHistory => "search_history",
            Self::ProposeFiles => "propose_files",
        }
    }

    /// The tool of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// The tools that a privacy level allows. A figure can show single rows, so only the last level shows one.
    pub fn offered(privacy: Privacy, sees_images: bool) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|tool| match tool {
                Self::ProfileColumn | Self::QueryData => privacy >= Privacy::Statistics,
                Self::ReadFigure => privacy >= Privacy::Rows && sees_images,
                Self::ReadExperiment | Self::SearchHistory | Self::ProposeFiles => true,
            })
            .collect()
    }

    fn description(self) -> &'static str {
        match self {
            Self::ProfileColumn => {
                "What is known of one column, computed on every row: type, missing and distinct values, quantiles, frequent values, how well it alone predicts the target. Use it before you rely on a detail that the profile block leaves out."
            }
            Self::QueryData => {
                "Run one SELECT (polars SQL) on the table `data`: the rows of this data set except the sealed holdout. At most 50 rows come back. Below the level of raw rows, only aggregates over groups are answered in clear (COUNT, SUM, AVG, STDDEV, MEDIAN, CORR and arithmetic on them, with or without GROUP BY), and groups of fewer than five rows are left out. No joins."
            }
            Self::ReadExperiment => {
                "One experiment of the history with its hypothesis, decision, reason, code, scores by fold and verdict. Use it before you build on an experiment or repeat one."
            }
            Self::ReadFigure => "A figure that a run of an experiment drew, as an image.",
            Self::SearchHistory => {
                "Experiments in which all the given words occur, in the hypothesis, the reason, the code or the verdict; a line each, the newest first, at most 20."
            }
            Self::ProposeFiles => {
                "Hand files over to the person for review. Call it once, at the end, with every file complete. They are read, accepted or rejected by the person; nothing runs before that. The result tells what was decided."
            }
        }
    }

    fn schema(self) -> serde_json::Value {
        let object = |properties: serde_json::Value| {
            let required: Vec<String> =
                properties.as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default();
            json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
        };
        let text = |description: &str| json!({"type": "string", "description": description});
        match self {
            Self::ProfileColumn => object(json!({"column": text("the column's name, exactly as in the profile")})),
            Self::QueryData => object(json!({"sql": text("one SELECT on the table data")})),
            Self::ReadExperiment => object(json!({"id": text("its name, for example e7")})),
            Self::ReadFigure => object(
                json!({"id": text("the experiment's name, for example e7"), "name": text("the figure's name, for example roc.png")}),
            ),
            Self::SearchHistory => object(json!({"query": text("words that must all occur")})),
            Self::ProposeFiles => object(json!({
                "hypothesis": text("what is believed and would be tested, in one sentence"),
                "expected_effect": text("which way the metric should move, about how far, and what would prove it wrong"),
                "files": {"type": "array", "items": object(json!({
                    "path": text("where it belongs, for example model.py"),
                    "code": text("the whole file"),
                }))},
            })),
        }
    }

    /// Its definition as JSON. The same tool has the same bytes, always.
    pub fn definition(self, dialect: Dialect) -> RawText {
        let mut definition =
            json!({"name": self.name(), "description": self.description(), "input_schema": self.schema()});
        if dialect.strict {
            definition["strict"] = json!(true);
        }
        if dialect.eager && self == Self::ProposeFiles {
            definition["eager_input_streaming"] = json!(true);
        }
        RawText::new(definition.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_privacy_level_offers_no_tool_that_it_forbids() {
        let names = |privacy| Tool::offered(privacy, true).into_iter().map(Tool::name).collect::<Vec<_>>();
        assert_eq!(names(Privacy::Schema), ["read_experiment", "search_history", "propose_files"]);
        assert_eq!(names(Privacy::Masked).len(), 5);
        assert_eq!(names(Privacy::Rows).len(), 6);
        assert!(!Tool::offered(Privacy::Rows, false).contains(&Tool::ReadFigure));
    }

    #[test]
    fn schemas_keep_the_rules_of_strict_tools() {
        fn check(schema: &serde_json::Value) {
            if schema["type"] == "object" {
                assert_eq!(schema["additionalProperties"], json!(false));
                let fields: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
                let required: Vec<&str> =
                    schema["required"].as_array().unwrap().iter().filter_map(serde_json::Value::as_str).collect();
                assert_eq!(fields, required);
                schema["properties"].as_object().unwrap().values().for_each(check);
            }
            if schema["type"] == "array" {
                check(&schema["items"]);
            }
        }
        for tool in Tool::ALL {
            check(&tool.schema());
            let eager = tool.definition(Dialect { strict: true, eager: true });
            assert_eq!(eager.expose().contains("eager_input_streaming"), tool == Tool::ProposeFiles);
            assert!(!tool.definition(Dialect { strict: false, eager: false }).expose().contains("strict"));
        }
    }
}
