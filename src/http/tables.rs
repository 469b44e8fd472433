//! `/v1/tables`: the tables that stacks keep, and their records.
//! Never writes a record: only a stack does, within its checkpoint.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::{HttpRequest, web};

use super::HttpState;
use super::answer::{self, Answer, Handled};
use super::forms;
use super::problem::Problem;
use crate::domain::limits::{PAGE_ITEMS_MAX, RECORD_PAGE_BYTES_MAX};
use crate::domain::record::{Filter, RecordQuery, SortKey};
use crate::domain::value::{Object, Value};

const PAGE_ITEMS_DEFAULT: i64 = 50;
const WORDS: [&str; 5] = ["filter", "sort", "fields", "limit", "cursor"];
/// Those that exist from the start.
const OWN: [&str; 2] = ["alerts", "async_executions"];

/// `GET /v1/tables`
pub async fn list(state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let engine = &state.engine;
        let declared = engine.functions.tables();
        let mut names: BTreeSet<String> = engine.read.tables().await?.into_iter().collect();
        names.extend(OWN.map(str::to_owned));
        names.extend(declared.iter().map(|table| table.name.to_string()));
        let items = names.into_iter().map(|name| {
            let declaration = declared.iter().find(|table| *table.name == *name);
            let fields = declaration.map_or(Value::Null, |table| {
                Value::array(table.fields.iter().map(|field| Value::Text(Arc::clone(&field.name))).collect())
            });
            Value::object([
                ("name", Value::text(name.as_str())),
                ("declared", Value::Bool(declaration.is_some())),
                ("fields", fields),
                ("read_only", Value::Bool(name == "async_executions")),
                ("records_url", Value::text(format!("{}/v1/tables/{name}/records", engine.public_url))),
            ])
        });
        Ok(answer::list(items.collect(), None))
    };
    Answer(handled.await)
}

/// `GET /v1/tables/{table}/records`
pub async fn records(table: web::Path<String>, request: HttpRequest, state: web::Data<HttpState>) -> Answer {
    Answer(page(&table, &request, &state).await)
}

async fn page(table: &str, request: &HttpRequest, state: &HttpState) -> Handled {
    let words = forms::urlencoded(request.query_string().as_bytes());
    let mut query = read(table, &words.as_object().cloned().unwrap_or_default()).map_err(Problem::invalid)?;
    let limit = query.limit.unwrap_or_default();
    // One more than asked for tells whether there is a next page.
    query.limit = Some(limit + 1);
    let mut rows = state.engine.read.records(&query).await?;
    let more = u64::try_from(rows.len()).is_ok_and(|count| count > limit);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = more.then(|| (query.offset + limit).to_string());
    Ok(answer::list(rows.into_iter().map(|row| row.value).collect(), next))
}

/// `filter` is JSON as in `query_all_records`, `sort` such as `-created_at,name`, `fields` names with commas.
fn read(table: &str, words: &Object) -> Result<RecordQuery, String> {
    let mut query = RecordQuery { memory_bytes_max: RECORD_PAGE_BYTES_MAX, ..RecordQuery::all(table) };
    query.limit = Some(PAGE_ITEMS_DEFAULT.unsigned_abs());
    for (name, value) in &words.fields {
        let text = value.to_text();
        if text.is_empty() {
            continue;
        }
        match &**name {
            "filter" => {
                let filter =
                    Value::from_json_text(&text).map_err(|error| format!("filter is JSON, and this is none: {error}"))?;
                query.filter = Filter::parse(&filter).map_err(|error| format!("filter: {error}"))?;
            }
            "sort" => query.sort = SortKey::parse_list(&text)?,
            "fields" => query.fields = Some(text.split(',').map(|field| field.trim().into()).collect()),
            "limit" => {
                let limit = text.parse().ok().filter(|limit| (1..=PAGE_ITEMS_MAX).contains(limit));
                let limit = limit.ok_or_else(|| format!("limit is a number from 1 to {PAGE_ITEMS_MAX}, not \"{text}\""))?;
                query.limit = Some(limit.unsigned_abs());
            }
            "cursor" => query.offset = text.parse::<u32>().map_err(|_| "cursor is the `next` of an earlier page")?.into(),
            odd => return Err(format!("there is no \"{odd}\"; there are {}", WORDS.join(", "))),
        }
    }
    Ok(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Result<RecordQuery, String> {
        read("orders", forms::urlencoded(text.as_bytes()).as_object().unwrap())
    }

    #[test]
    fn a_query_is_read_whole() {
        let read = query("filter=%7B%22a%22%3A%7B%22%24gt%22%3A1%7D%7D&sort=-a,b&fields=a,b&limit=7&cursor=14").unwrap();
        assert_ne!(read.filter, Filter::All);
        assert_eq!((read.sort.len(), read.sort[0].descending, read.offset, read.limit), (2, true, 14, Some(7)));
        assert_eq!(query("").unwrap().limit, Some(50));
    }

    #[test]
    fn what_does_not_hold_is_refused_by_name() {
        for (text, words) in [
            ("filter=%7B", "filter"),
            ("filter=%7B%22a%22%3A%7B%22%24near%22%3A1%7D%7D", "filter"),
            ("sort=a%20sideways", "asc or desc"),
            ("limit=0", "limit"),
            ("limit=201", "1 to 200"),
            ("cursor=-1", "cursor"),
            ("where=1", "no \"where\""),
        ] {
            let message = query(text).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
        }
    }
}
