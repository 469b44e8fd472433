//! Which rows of a table a step means: table, filter or id, order, page.
//! Never reads a row.

use std::sync::Arc;

use super::context::{parameter, shown};
use super::{StepContext, StepReader};
use crate::domain::record::{Filter, RecordQuery, SortKey};
use crate::domain::value::Value;
use crate::stack::expression::{EvalError, ValueTemplate};

/// The parameters by which the record steps name rows.
#[derive(Debug)]
pub struct QueryParameters {
    table: ValueTemplate,
    id: Option<ValueTemplate>,
    filter: Option<ValueTemplate>,
    sort: Option<ValueTemplate>,
    page: Option<ValueTemplate>,
    per_page: Option<ValueTemplate>,
    limit: Option<ValueTemplate>,
    offset: Option<ValueTemplate>,
    fields: Option<ValueTemplate>,
}

/// How a step may say which rows it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// All rows, or those of a filter.
    Any,
    /// One row, by id or filter; one of them must be there.
    One,
    /// A filter must be there, even an empty one: nothing is deleted by leaving it out.
    FilterRequired,
}

/// Rows on a page when only the page is given.
const PER_PAGE_DEFAULT: u64 = 25;

pub fn table(reader: &mut StepReader<'_>) -> ValueTemplate {
    reader.required(&["table", "table_name"])
}

impl QueryParameters {
    pub fn read(reader: &mut StepReader<'_>, selection: Selection) -> Self {
        let table = table(reader);
        let id = if selection == Selection::One { reader.optional(&["record_id", "id"]) } else { None };
        let filter_at = reader.peek(FILTER).map(|member| member.value.span.start);
        let filter = reader.optional(FILTER);
        if filter.is_none() && id.is_none() && selection != Selection::Any {
            let names: &[&str] = if selection == Selection::One { &["record_id", "filter"] } else { &["filter"] };
            reader.missing_any(names);
        }
        if let (Some(at), Some(constant)) = (filter_at, filter.as_ref().and_then(ValueTemplate::as_constant))
            && let Err(error) = Filter::parse(constant)
        {
            reader.findings.error(at, "wrong_filter", error.to_string(), None);
        }
        let sort = reader.optional(&["sort", "order", "order_by", "sort_by"]);
        let mut paging = |spellings: &[&'static str]| if selection == Selection::Any { reader.optional(spellings) } else { None };
        let (page, per_page) = (paging(&["page"]), paging(&["per_page"]));
        let (limit, offset) = (paging(&["limit"]), paging(&["offset"]));
        let fields = if selection == Selection::FilterRequired { None } else { reader.optional(&["fields"]) };
        Self { table, id, filter, sort, page, per_page, limit, offset, fields }
    }

    pub fn evaluate(&self, context: &StepContext<'_>) -> Result<RecordQuery, EvalError> {
        let fields = context.value_or_null(self.fields.as_ref())?;
        let per_page = context.count("per_page", self.per_page.as_ref())?;
        let page = context.count("page", self.page.as_ref())?;
        let (offset, limit) = match page {
            Some(page) => {
                let per_page = per_page.unwrap_or(PER_PAGE_DEFAULT);
                (page.saturating_sub(1).saturating_mul(per_page), Some(per_page))
            }
            None => (context.count("offset", self.offset.as_ref())?.unwrap_or(0), per_page),
        };
        Ok(RecordQuery {
            table: table_name(context, &self.table)?,
            filter: self.filter(context)?,
            sort: sort_keys(&context.value_or_null(self.sort.as_ref())?)?,
            offset,
            limit: context.count("limit", self.limit.as_ref())?.or(limit),
            fields: field_names(&fields)?,
            memory_bytes_max: context.memory_bytes_left,
        })
    }

    fn filter(&self, context: &StepContext<'_>) -> Result<Filter, EvalError> {
        let given = context.value_or_null(self.filter.as_ref())?;
        let filter = Filter::parse(&given).map_err(|error| parameter(error.to_string()))?;
        let Some(id) = &self.id else { return Ok(filter) };
        // An id that evaluates to null means no row, never "the row without an id".
        let id = context.value(id)?;
        let by_id = Value::object([("id", Value::object([("$in", Value::array(vec![id.clone()]))]))]);
        let by_id = if id.as_integer().is_some() { Value::object([("id", id)]) } else { by_id };
        let by_id = Filter::parse(&by_id).map_err(|error| parameter(error.to_string()))?;
        Ok(if filter == Filter::All { by_id } else { Filter::And(vec![by_id, filter]) })
    }

    pub fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        visit(&self.table);
        let which = [&self.id, &self.filter, &self.sort, &self.fields];
        let paging = [&self.page, &self.per_page, &self.limit, &self.offset];
        which.into_iter().chain(paging).flatten().for_each(visit);
    }
}

const FILTER: &[&str] = &["filter", "filters", "where"];

pub fn table_name(context: &StepContext<'_>, table: &ValueTemplate) -> Result<Arc<str>, EvalError> {
    context.required_text("table", table).map(Arc::from)
}

/// `"id ASC"`, `"-created_at"`, `{field, order}`, `{created_at: "desc"}`, or a list of these.
fn sort_keys(value: &Value) -> Result<Vec<SortKey>, EvalError> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Text(text) => SortKey::parse_list(text).map_err(parameter),
        Value::Array(items) => {
            let keys: Result<Vec<_>, _> = items.iter().map(sort_keys).collect();
            Ok(keys?.into_iter().flatten().collect())
        }
        Value::Object(object) => match value.field("field").as_str().or(value.field("sortBy").as_str()) {
            Some(field) => {
                let order = ["order", "direction", "orderBy"].iter().map(|name| value.field(name)).find(|order| !order.is_null());
                let key = SortKey::of(field, order.unwrap_or_default().as_str().unwrap_or("asc")).map_err(parameter)?;
                Ok(vec![key])
            }
            None => {
                let keys = object.fields.iter().map(|(field, order)| SortKey::of(field, &order.to_text()).map_err(parameter));
                keys.collect()
            }
        },
        other => Err(parameter(format!("`sort` is a text such as \"id ASC\" or a list, not {}", shown(other)))),
    }
}

fn field_names(value: &Value) -> Result<Option<Vec<Arc<str>>>, EvalError> {
    let names: Vec<Arc<str>> = match value {
        Value::Null => return Ok(None),
        Value::Text(text) => text.split(',').map(|name| Arc::from(name.trim())).collect(),
        Value::Array(items) => items.iter().map(|item| Arc::from(item.to_text())).collect(),
        other => return Err(parameter(format!("`fields` is a list of names, not {}", other.kind()))),
    };
    Ok((!names.is_empty()).then_some(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sort: &str, expected: &str) {
        let keys = sort_keys(&Value::from_json_text(sort).unwrap()).unwrap();
        let shown: Vec<_> = keys.iter().map(|key| format!("{}{}", if key.descending { "-" } else { "" }, key.field)).collect();
        assert_eq!(shown.join(" "), expected, "{sort}");
    }

    #[test]
    fn an_order_is_written_in_many_ways() {
        check("null", "");
        check(r#""id ASC""#, "id");
        check(r#""-created_at, name desc""#, "-created_at -name");
        check(r#"{"field": "view_count", "order": "desc"}"#, "-view_count");
        check(r#"[{"created_at": "desc"}, "id"]"#, "-created_at id");
    }

    #[test]
    fn an_order_that_is_none_is_refused() {
        assert!(sort_keys(&Value::text("id sideways")).is_err());
        assert!(sort_keys(&Value::Int(1)).is_err());
    }
}
