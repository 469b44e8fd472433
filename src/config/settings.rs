//! Typed reading of the merged settings, collecting every error.
//! Never stops at the first error: a reader gets a stand-in value, and the configuration is refused in the end.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::error::ConfigError;
use super::provenance::{Origin, Provenance, ShownSetting, masked};
use super::raw::Raw;

/// One value and where it came from.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub value: Raw,
    pub origin: Origin,
}

/// All settings by `section.key`, and what was found wrong so far.
pub(super) struct Settings {
    pub values: BTreeMap<String, Setting>,
    pub errors: Vec<ConfigError>,
    #[cfg(test)]
    pub asked: std::collections::BTreeSet<String>,
}

impl Settings {
    pub(super) fn new(values: BTreeMap<String, Setting>, errors: Vec<ConfigError>) -> Self {
        Self {
            values,
            errors,
            #[cfg(test)]
            asked: std::collections::BTreeSet::new(),
        }
    }

    pub(super) fn text(&mut self, name: &str) -> String {
        match self.value(name) {
            Raw::Text(text) => text,
            other => other.to_string(),
        }
    }

    /// A text, or `None` where it is empty.
    pub(super) fn optional(&mut self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        let Raw::List(items) = self.value(name) else { return Vec::new() };
        let text = |item| match item {
            Raw::Text(text) => text,
            other => other.to_string(),
        };
        items.into_iter().map(text).collect()
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        self.value(name) == Raw::Bool(true)
    }

    pub(super) fn integer(&mut self, name: &str, range: RangeInclusive<i64>) -> i64 {
        let Raw::Integer(value) = self.value(name) else { return *range.start() };
        if !range.contains(&value) {
            self.refuse(name, format!("{value} is not between {} and {}", range.start(), range.end()));
            return *range.start();
        }
        value
    }

    /// An integer that counts or measures things in memory.
    pub(super) fn size(&mut self, name: &str, range: RangeInclusive<i64>) -> usize {
        usize::try_from(self.integer(name, range)).unwrap_or(usize::MAX)
    }

    pub(super) fn integers(&mut self, name: &str, range: RangeInclusive<i64>) -> Vec<i64> {
        let Raw::List(items) = self.value(name) else { return Vec::new() };
        let numbers: Vec<i64> =
            items.iter().filter_map(|item| if let Raw::Integer(value) = item { Some(*value) } else { None }).collect();
        if let Some(odd) = numbers.iter().find(|value| !range.contains(value)) {
            self.refuse(name, format!("{odd} is not between {} and {}", range.start(), range.end()));
        }
        numbers
    }

    pub(super) fn decimal(&mut self, name: &str, range: RangeInclusive<f64>) -> f64 {
        let Raw::Decimal(value) = self.value(name) else { return *range.start() };
        if !range.contains(&value) {
            self.refuse(name, format!("{value} is not between {} and {}", range.start(), range.end()));
        }
        value
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> T {
        let text = self.text(name);
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let words: Vec<_> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        self.refuse(name, format!("\"{text}\" is none of {}", words.join(", ")));
        choices[0].1
    }

    /// A text that means something; `stand_in` only fills the place when it does not.
    pub(super) fn parsed<T>(&mut self, name: &str, stand_in: T, read: impl FnOnce(&str) -> Result<T, String>) -> T {
        let text = self.text(name);
        read(&text).unwrap_or_else(|message| {
            self.refuse(name, message);
            stand_in
        })
    }

    /// A list of texts that each mean something.
    pub(super) fn parsed_list<T>(&mut self, name: &str, read: impl Fn(&str) -> Result<T, String>) -> Vec<T> {
        let mut items = Vec::new();
        for text in self.texts(name) {
            match read(&text) {
                Ok(item) => items.push(item),
                Err(message) => self.refuse(name, message),
            }
        }
        items
    }

    pub(super) fn refuse(&mut self, name: &str, message: impl Into<String>) {
        let origin = self.values.get(name).map_or(Origin::Default, |setting| setting.origin.clone());
        self.errors.push(ConfigError { setting: name.to_owned(), origin, message: message.into() });
    }

    pub(super) fn provenance(&self) -> Provenance {
        let shown = |(name, setting): (&String, &Setting)| ShownSetting {
            name: name.clone(),
            value: masked(name, &setting.value),
            origin: setting.origin.clone(),
        };
        Provenance { settings: self.values.iter().map(shown).collect() }
    }

    fn value(&mut self, name: &str) -> Raw {
        #[cfg(test)]
        self.asked.insert(name.to_owned());
        let setting = self.values.get(name).expect("default.toml names every setting, which a test checks");
        setting.value.clone()
    }
}
