//! The reference of steps, filters, settings and error codes: `docs/reference.md`, as this build has them.
//! Never written by hand: a test holds the shipped page against it.

use crate::{config, http, stack};

/// The whole page, in Markdown.
pub fn markdown() -> String {
    format!(
        "# Reference\n\n\
         Made by `ringback reference` from the program itself; a test says when this page is not what the program does.\n\
         [The language](language.md) explains steps and expressions, [the API](http.md) the answers.\n\n\
         ## Steps\n\nEvery step also takes `return_as`, `name`, `description`, `retry_policy`, `timeout`, `disabled` and \
         `at_most_once`. In brackets: other spellings.\n\n{}\n\
         ## Filters\n\n`x|filter`, `x|filter(a, b)`, `x|filter(name=value)`; the value before the `|` is not counted.\n\n{}\n\
         ## Settings\n\nIn `ringback.toml`, under the section; or in the environment, which wins over the file.\n{}\n\
         ## Error codes\n\nEach has a page at `/problems/CODE` of every server: what it means, why it happens, what to do. The \
         status is that of a refused call, or of a synchronous call whose function failed so.\n\n{}",
        stack::reference::steps(),
        stack::reference::filters(),
        config::reference_of_settings(),
        http::error_codes(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_page_is_what_is_generated() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference.md");
        let shipped = std::fs::read_to_string(file).unwrap();
        assert_eq!(shipped, markdown(), "run `ringback reference > docs/reference.md`");
    }

    #[test]
    fn it_has_all_of_each() {
        let page = markdown();
        for part in
            ["| `external_api_request` |", "| `sha256` |", "`RINGBACK_SERVER_LISTEN`", "| `ERROR_CODE_QUEUE_FULL` | 429 |"]
        {
            assert!(page.contains(part), "{part}");
        }
        let rows = page.lines().filter(|line| line.starts_with("| `") && line.contains("RINGBACK_")).count();
        assert!(rows > 40, "{rows} settings");
    }
}
