//! What a function is called: its name as written, a display name, or the path of an endpoint.
//! Never makes a name out of what would mean something else, such as a path with parameters.

use crate::domain::function::{FunctionName, NameError};

/// Why a text makes no name, and how to mend it.
#[derive(Debug, PartialEq, Eq)]
pub struct WrongName {
    pub code: &'static str,
    pub message: String,
    pub help: String,
}

/// The name that a text stands for: `Currency Converter` is `currency_converter`, `/api/orders/create` is `orders/create`.
///
/// # Errors
/// Why the text makes no name.
pub fn read_name(written: &str) -> Result<FunctionName, WrongName> {
    let trimmed = written.trim();
    let path = match trimmed.strip_prefix('/') {
        Some(path) => path.strip_prefix("api/").unwrap_or(path).trim_end_matches('/'),
        None => trimmed,
    };
    if let Some(plain) = without_parameters(path) {
        return Err(WrongName {
            code: "bad_name",
            message: format!("`{written}` holds a path parameter, which names here do not have"),
            help: format!("name it `{plain}`; callers send the parameter as an input"),
        });
    }
    let spelled = path.split_whitespace().collect::<Vec<_>>().join("_");
    FunctionName::parse(&spelled).map_err(|error| {
        let code = if error == NameError::Reserved { "reserved_name" } else { "bad_name" };
        WrongName { code, message: format!("`{written}` is no name of a function: {error}"), help: help(&spelled, &error) }
    })
}

/// `files/{file_id}/download` without its parameters, if it has any.
fn without_parameters(path: &str) -> Option<String> {
    let is_parameter = |group: &&str| group.contains('{') || group.starts_with(':');
    if !path.split('/').any(|group| is_parameter(&group)) {
        return None;
    }
    let kept: Vec<&str> = path.split('/').filter(|group| !is_parameter(group)).collect();
    Some(if kept.is_empty() { "read_one".to_owned() } else { kept.join("/") })
}

fn help(spelled: &str, error: &NameError) -> String {
    if *error == NameError::Reserved {
        return format!("name it `{}`, say", spelled.to_ascii_lowercase().replacen("async", "run", 1));
    }
    let mut tidy = String::new();
    for c in spelled.to_ascii_lowercase().chars() {
        let c = if matches!(c, 'a'..='z' | '0'..='9' | '-' | '/') { c } else { '_' };
        if !(matches!(c, '_' | '/') && (tidy.is_empty() || tidy.ends_with(['_', '/']))) {
            tidy.push(c);
        }
    }
    let tidy: String = tidy.trim_end_matches(['_', '/']).chars().take(60).collect();
    if tidy.is_empty() { "write a name such as `send_email`".to_owned() } else { format!("name it `{tidy}`, say") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(written: &str) -> String {
        read_name(written).unwrap().as_str().to_owned()
    }

    #[test]
    fn display_names_and_endpoint_paths_make_names() {
        assert_eq!(name("send-email"), "send-email");
        assert_eq!(name(" Currency  Converter "), "currency_converter");
        assert_eq!(name("/api/orders/create/"), "orders/create");
        assert_eq!(name("/order-status"), "order-status");
        assert_eq!(name("api/orders"), "api/orders");
    }

    #[test]
    fn what_makes_no_name_is_refused_with_one_that_does() {
        let wrong = |written: &str| read_name(written).unwrap_err();
        assert_eq!(
            wrong("/api/files/{file_id}/download").help,
            "name it `files/download`; callers send the parameter as an input"
        );
        assert_eq!(wrong("Send e-mail!").help, "name it `send_e-mail`, say");
        assert_eq!(wrong("async-status").code, "reserved_name");
        assert_eq!(wrong("Async Status").help, "name it `run_status`, say");
        assert_eq!(wrong("a//b").help, "name it `a/b`, say");
        assert_eq!(wrong("").help, "write a name such as `send_email`");
    }
}
