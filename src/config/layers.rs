//! Merging defaults, file, environment and flags into one set of settings.
//! Never understands a value beyond its kind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::names;
use super::provenance::Origin;
use super::raw::Raw;
use super::settings::{Setting, Settings};

pub(super) const DEFAULTS: &str = include_str!("default.toml");
/// Read from the working directory if it is there and `--config` does not name another.
const FILE_NAME: &str = "ringback.toml";

/// Where settings come from, the weakest first. `Sources::default()` gives the defaults alone.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Must be readable.
    pub file: Option<PathBuf>,
    pub environment: BTreeMap<String, String>,
    /// Flags as they were written and their values: `("--listen", "127.0.0.1:0")`; see `SHORT_NAMES`.
    pub flags: Vec<(String, String)>,
}

impl Sources {
    /// The sources of this process: `config` or `ringback.toml` in the working directory, its environment, and these flags.
    pub fn of_process(config: Option<PathBuf>, flags: Vec<(String, String)>) -> Self {
        let found = || Some(PathBuf::from(FILE_NAME)).filter(|path| path.is_file());
        let text =
            |(name, value): (std::ffi::OsString, std::ffi::OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        Self { file: config.or_else(found), environment: std::env::vars_os().filter_map(text).collect(), flags }
    }
}

/// Merges all sources.
pub(super) fn merge(sources: &Sources) -> Settings {
    let mut layers = Layers { settings: Settings::new(BTreeMap::new(), Vec::new()) };
    layers.defaults();
    if let Some(path) = &sources.file {
        layers.file(path);
    }
    layers.environment(&sources.environment);
    for (flag, value) in &sources.flags {
        layers.flag(flag, value);
    }
    layers.settings
}

struct Layers {
    settings: Settings,
}

impl Layers {
    fn defaults(&mut self) {
        let table = DeTable::parse(DEFAULTS).expect("default.toml is valid, which a test checks");
        for (section, keys) in table.get_ref() {
            let keys = keys.get_ref().as_table().expect("default.toml holds only sections, which a test checks");
            for (key, value) in keys {
                let value = Raw::from_toml(value.get_ref()).expect("default.toml holds plain values, which a test checks");
                let name = format!("{}.{}", section.get_ref(), key.get_ref());
                self.settings.values.insert(name, Setting { value, origin: Origin::Default });
            }
        }
    }

    fn file(&mut self, path: &Path) {
        let shown = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                return self.refuse("--config", Origin::File { path: shown, line: 1 }, format!("cannot be read: {error}"));
            }
        };
        let place = |at: usize| Origin::File { path: shown.clone(), line: line_of(&text, at) };
        let table = match DeTable::parse(&text) {
            Ok(table) => table,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                return self.refuse("--config", place(at), format!("no valid TOML: {}", error.message()));
            }
        };
        for (section, keys) in table.get_ref() {
            let (name, at) = (section.get_ref(), place(section.span().start));
            let Some(keys) = keys.get_ref().as_table().filter(|_| self.has_section(name)) else {
                let message = format!("there is no such section{}", names::did_you_mean(name, self.sections()));
                self.refuse(name, at, message);
                continue;
            };
            for (key, value) in keys {
                let setting = format!("{name}.{}", key.get_ref());
                self.file_value(&setting, value.get_ref(), place(key.span().start));
            }
        }
    }

    fn file_value(&mut self, setting: &str, value: &DeValue<'_>, origin: Origin) {
        let Some(current) = self.settings.values.get_mut(setting) else {
            let known = self.settings.values.keys().map(String::as_str);
            let message = format!("there is no such setting{}", names::did_you_mean(setting, known));
            return self.refuse(setting, origin, message);
        };
        let expected = current.value.kind();
        match Raw::from_toml(value).and_then(|raw| raw.fitting(&current.value)) {
            Some(value) => *current = Setting { value, origin },
            None => self.refuse(setting, origin, format!("expects {expected}{}", items(expected))),
        }
    }

    fn environment(&mut self, environment: &BTreeMap<String, String>) {
        let settings: Vec<String> = self.settings.values.keys().cloned().collect();
        let mut known = Vec::new();
        for setting in settings {
            let names = names::environment_names(&setting);
            let given = names.iter().find_map(|name| Some((name, environment.get(name).filter(|value| !value.is_empty())?)));
            if let Some((name, value)) = given {
                self.text(&setting, value, Origin::Environment(name.clone()));
            }
            known.extend(names);
        }
        for name in environment.keys().filter(|name| name.starts_with("RINGBACK_") && !names::is_foreign(name)) {
            if !known.contains(name) {
                let near = names::did_you_mean(name, known.iter().map(String::as_str));
                self.refuse(name, Origin::Environment(name.clone()), format!("there is no such setting{near}"));
            }
        }
    }

    fn flag(&mut self, flag: &str, value: &str) {
        match names::setting_of_flag(flag) {
            Some(setting) => self.text(setting, value, Origin::Flag(flag.to_owned())),
            None => self.refuse(flag, Origin::Flag(flag.to_owned()), "is no flag that gives a setting".to_owned()),
        }
    }

    fn text(&mut self, setting: &str, text: &str, origin: Origin) {
        let Some(current) = self.settings.values.get_mut(setting) else { return };
        let expected = current.value.kind();
        match Raw::from_text(text, &current.value) {
            Some(value) => *current = Setting { value, origin },
            None => self.refuse(setting, origin, format!("expects {expected}, not \"{text}\"")),
        }
    }

    fn refuse(&mut self, setting: &str, origin: Origin, message: String) {
        self.settings.errors.push(ConfigError { setting: setting.to_owned(), origin, message });
    }

    fn sections(&self) -> impl Iterator<Item = &str> {
        self.settings.values.keys().filter_map(|name| Some(name.split_once('.')?.0))
    }

    fn has_section(&self, name: &str) -> bool {
        self.sections().any(|section| section == name)
    }
}

fn items(kind: &str) -> &'static str {
    if kind == "a list" { " with items of one kind, as in the default" } else { "" }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
