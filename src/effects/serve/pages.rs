//! Lists in pages: `limit`, `after_id`, `before_id`.

use serde_json::{Value, json};

use crate::effects::serve::check::{Refusal, bad};

/// The page of a list that a query asks for. Each item has an `id`.
pub fn page(query: &str, mut items: Vec<Value>) -> Result<Value, Refusal> {
    let field = |name: &str| {
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|pair| pair.1)
    };
    let limit = match field("limit") {
        None => 20,
        Some(text) => text
            .parse::<usize>()
            .ok()
            .filter(|limit| (1..=1_000).contains(limit))
            .ok_or_else(|| bad("limit: must be a whole number from 1 to 1000"))?,
    };
    let place = |id: &str| items.iter().position(|item| item["id"] == id);
    let (has_more, from) = match (field("after_id"), field("before_id")) {
        (Some(_), Some(_)) => return Err(bad("before_id: can't be given together with after_id")),
        (None, Some(id)) => {
            // Those right before it, still in order.
            let end = place(id).unwrap_or(0);
            items.truncate(end);
            (end > limit, end.saturating_sub(limit))
        }
        (after, None) => {
            let from = after.map_or(0, |id| place(id).map_or(items.len(), |at| at + 1));
            (items.len() - from > limit, from)
        }
    };
    let data: Vec<Value> = items.into_iter().skip(from).take(limit).collect();
    let id = |item: Option<&Value>| item.map(|item| item["id"].clone());
    Ok(json!({"has_more": has_more, "first_id": id(data.first()), "last_id": id(data.last()), "data": data}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_go_on_where_the_last_one_ended_in_both_directions() {
        let items: Vec<Value> = (0..5).map(|n| json!({"id": format!("b{n}")})).collect();
        let page = |query: &str| {
            let page = page(query, items.clone()).unwrap();
            let ids: String =
                page["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
            (ids, page["has_more"] == true)
        };
        for (query, ids, has_more) in [
            ("", "b0b1b2b3b4", false),
            ("limit=2", "b0b1", true),
            ("limit=2&after_id=b1", "b2b3", true),
            ("limit=2&after_id=b3", "b4", false),
            ("after_id=b4", "", false),
            ("after_id=other", "", false),
            ("limit=2&before_id=b4", "b2b3", true),
            ("limit=2&before_id=b2", "b0b1", false),
            ("before_id=b0", "", false),
        ] {
            assert_eq!(page(query), (ids.to_owned(), has_more), "{query}");
        }
        assert!(super::page("limit=0", Vec::new()).is_err() && super::page("limit=x", Vec::new()).is_err());
        let empty = super::page("", Vec::new()).unwrap();
        assert_eq!(empty, json!({"has_more": false, "first_id": null, "last_id": null, "data": []}));
    }
}
