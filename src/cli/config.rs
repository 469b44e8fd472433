//! `ringback config`: every setting, its value, and where that came from.
//! Never shows a secret; values arrive masked.

use comfy_table::{Cell, Color};
use serde_json::{Value, json};

use super::args::SettingFlags;
use super::error::CommandError;
use super::output::Output;
use crate::config::{Origin, Provenance};

pub fn run(settings: &SettingFlags, output: &mut Output) -> Result<u8, CommandError> {
    let (_, provenance) = settings.load()?;
    show(&provenance, output)?;
    Ok(0)
}

fn show(provenance: &Provenance, output: &mut Output) -> std::io::Result<()> {
    if output.json {
        let settings = provenance.settings.iter();
        let settings = settings.map(|one| json!({"setting": one.name, "value": one.json(), "from": one.origin.to_string()}));
        return output.value(&Value::Array(settings.collect()));
    }
    let row = |one: &crate::config::ShownSetting| {
        let from = Cell::new(&one.origin);
        let from = if one.origin == Origin::Default { from.fg(Color::DarkGrey) } else { from.fg(Color::Green) };
        vec![Cell::new(&one.name), Cell::new(&one.value), from]
    };
    output.table(&["setting", "value", "from"], provenance.settings.iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::testing;
    use crate::config::ShownSetting;

    #[test]
    fn each_setting_says_where_it_came_from() {
        let setting = |name: &str, value: &str, origin| ShownSetting { name: name.to_owned(), value: value.to_owned(), origin };
        let provenance = Provenance {
            settings: vec![
                setting("log.filter", "\"warn\"", Origin::Flag("--log".to_owned())),
                setting("tables.mode", "\"open\"", Origin::Default),
                setting("x", "[500, 2000]", Origin::Default),
            ],
        };
        let (mut output, data, _) = testing::output(false);
        show(&provenance, &mut output).unwrap();
        let expected = concat!(
            " SETTING      VALUE        FROM\n log.filter   \"warn\"       flag --log\n",
            " tables.mode  \"open\"       default\n x            [500, 2000]  default\n"
        );
        assert_eq!(data.text(), expected);
        let (mut output, data, _) = testing::output(true);
        show(&provenance, &mut output).unwrap();
        let shown: Value = serde_json::from_str(&data.text()).unwrap();
        assert_eq!(shown[0], json!({"setting": "log.filter", "value": "warn", "from": "flag --log"}));
        assert_eq!(shown[2]["value"], json!([500, 2000]));
    }
}
