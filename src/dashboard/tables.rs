//! Tables: the records that stacks have written.
//! Never changes a record.

use actix_web::{HttpRequest, HttpResponse, web};
use minijinja::context;
use serde::Serialize;

use super::Board;
use super::format;
use super::page::{self, Place};
use super::trouble::{Shown, Trouble};
use super::visitor::Visitor;
use crate::domain::record::Row;
use crate::http::urlencoded;

const PAGE_ITEMS: i64 = 50;
/// Columns that fit beside each other; the rest is in the record's own JSON.
const COLUMNS_MAX: usize = 8;
/// Characters of a value in a cell.
const CELL_CHARS_MAX: usize = 60;

#[derive(Debug, Serialize)]
struct Record {
    id: i64,
    cells: Vec<String>,
    json: String,
}

/// `GET /ui/tables`
pub async fn list(visitor: Visitor, board: web::Data<Board>) -> Shown {
    let shown = async {
        let names = board.engine.read.table_names().await?;
        let tables: Vec<_> = names
            .iter()
            .map(|name| {
                let fields = board
                    .engine
                    .functions
                    .table(name)
                    .map(|table| table.fields.iter().map(|field| field.name.to_string()).collect::<Vec<_>>());
                context! { name, fields => fields.unwrap_or_default() }
            })
            .collect();
        let place = Place { title: "Tables", nav: "tables" };
        Ok(page::show(&visitor, place, "tables.html", context! { tables }))
    };
    Shown(shown.await)
}

/// `GET /ui/tables/{name}`
pub async fn browse(visitor: Visitor, name: web::Path<String>, request: HttpRequest, board: web::Data<Board>) -> Shown {
    Shown(one(&visitor, &name, &request, &board).await)
}

async fn one(visitor: &Visitor, name: &str, request: &HttpRequest, board: &Board) -> Result<HttpResponse, Trouble> {
    let engine = &board.engine;
    if !engine.read.table_names().await?.iter().any(|table| table == name) {
        return Err(Trouble::NotFound(format!("table {name}")));
    }
    let before = urlencoded(request.query_string().as_bytes()).field("before").as_integer();
    let mut rows = engine.read.latest_records(name, before, PAGE_ITEMS + 1).await?;
    let more = rows.len() > usize::try_from(PAGE_ITEMS).unwrap_or(usize::MAX);
    rows.truncate(usize::try_from(PAGE_ITEMS).unwrap_or(usize::MAX));
    let columns = columns(&rows);
    let records: Vec<Record> = rows
        .iter()
        .map(|row| Record {
            id: row.id,
            cells: columns.iter().map(|column| format::line(&row.value.field(column), CELL_CHARS_MAX)).collect(),
            json: format::json(&row.value),
        })
        .collect();
    let context = context! {
        name,
        columns,
        next => rows.last().filter(|_| more).map(|last| last.id),
        first => before.is_none(),
        records => page::value(&records),
    };
    Ok(page::show(visitor, Place { title: name, nav: "tables" }, "table.html", context))
}

/// The fields of these rows in the order in which they appear, `id` aside.
fn columns(rows: &[Row]) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for name in rows.iter().filter_map(|row| row.value.as_object()).flat_map(|object| object.fields.keys()) {
        if &**name != "id" && columns.len() < COLUMNS_MAX && !columns.iter().any(|column| **column == **name) {
            columns.push(name.to_string());
        }
    }
    columns
}
