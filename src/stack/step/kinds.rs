//! Which kinds of step exist and how each may be spelled.
//! Never reads their parameters itself.

use super::{
    StepKind, StepReader, add_record, async_function_await, conditional, count_records, create_variable, custom_function,
    delete_record, delete_records, edit_record, external_api_request, get_record, group, jump, lambda, log, loop_each, parallel,
    precondition, query_records, return_response, return_value, send_callback, sleep, switch, template_engine, throw_error,
    try_catch, update_progress, update_variable, upsert_record, wait_for_event, while_loop,
};

/// A kind of step and how its parameters are read.
#[derive(Debug)]
pub struct Kind {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    /// `parameters` is a parameter of this kind, not a wrapper around all of them.
    pub takes_parameters: bool,
    pub read: fn(&mut StepReader<'_>) -> Box<dyn StepKind>,
}

const fn kind(name: &'static str, aliases: &'static [&'static str], read: fn(&mut StepReader<'_>) -> Box<dyn StepKind>) -> Kind {
    Kind { name, aliases, takes_parameters: false, read }
}

/// Every kind, in the order of the documentation.
pub const KINDS: &[Kind] = &[
    kind("create_variable", &["create_variables"], create_variable::read),
    kind("update_variable", &["update_variables", "set_variable"], update_variable::read),
    kind("external_api_request", &["api_request", "http_request"], external_api_request::read),
    kind("add_record", &["create_record", "insert_record"], add_record::read),
    kind("query_all_records", &["get_records", "get_all_records", "query_records"], query_records::read),
    kind("get_record", &["query_single_record", "get_single_record"], get_record::read),
    kind("edit_record", &["update_record", "patch_record"], edit_record::read),
    kind("upsert_record", &["add_or_edit_record"], upsert_record::read),
    kind("delete_record", &[], delete_record::read),
    kind("delete_records", &["delete_all_records"], delete_records::read),
    kind("count_records", &[], count_records::read),
    Kind { takes_parameters: true, ..kind("return_response", &["response"], return_response::read) },
    kind("return", &["return_value"], return_value::read),
    Kind { takes_parameters: true, ..kind("custom_function", &["run_function", "call_function"], custom_function::read) },
    kind("async_function_await", &["await_async_function", "await"], async_function_await::read),
    kind("conditional", &["if", "condition"], conditional::read),
    kind("loop", &["for_each", "for_each_loop", "foreach"], loop_each::read),
    kind("while_loop", &["while"], while_loop::read),
    kind("switch", &[], switch::read),
    kind("group", &[], group::read),
    kind("parallel", &[], parallel::read),
    kind("break", &["break_loop"], jump::read_break),
    kind("continue", &["continue_loop"], jump::read_continue),
    kind("try_catch", &["try_catch_block", "try"], try_catch::read),
    kind("sleep", &["wait"], sleep::read),
    kind("wait_for_event", &[], wait_for_event::read),
    kind("throw_error", &["throw"], throw_error::read),
    kind("precondition", &[], precondition::read),
    kind("log", &["debug_log"], log::read),
    kind("update_progress", &[], update_progress::read),
    kind("send_callback", &[], send_callback::read),
    kind("lambda", &["lambda_function", "javascript", "run_javascript", "api_lambda"], lambda::read),
    kind("template_engine", &["template", "render_template"], template_engine::read),
];

/// The kind with this name, however it is spelled.
pub fn find(written: &str) -> Option<&'static Kind> {
    let name = canonical(written);
    KINDS.iter().find(|kind| kind.name == name || kind.aliases.contains(&name.as_str()))
}

/// `Try/Catch Block`, `Try-Catch Block` and `try_catch_block` are one spelling.
pub fn canonical(written: &str) -> String {
    let mut name = String::with_capacity(written.len());
    for c in written.trim().chars() {
        match c {
            ' ' | '-' | '/' | '_' if name.ends_with('_') => {}
            ' ' | '-' | '/' | '_' => name.push('_'),
            other => name.extend(other.to_lowercase()),
        }
    }
    name
}
