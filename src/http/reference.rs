//! A table of the codes that answers carry, for the documentation.
//! Never a second list of them.

use super::code::ALL;

/// Every code as a row in Markdown: its text, status and title.
pub fn error_codes() -> String {
    let mut table = String::from("| code | status | means |\n| --- | --- | --- |\n");
    for code in ALL {
        table += &format!("| `{}` | {} | {} |\n", code.text(), code.status, code.title);
    }
    table
}
