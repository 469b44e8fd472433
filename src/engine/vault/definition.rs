//! A function's definition as it is stored: its callback sealed where that holds something private.
//! Never changes another byte: the version is the address of the whole text.

use indexmap::IndexMap;
use serde_json::value::RawValue;

use super::{Purpose, Vault, VaultError};

/// The member of a definition that holds headers, a secret and credentials.
const MEMBER: &str = "callback";
/// Of these members nothing may be read.
const PRIVATE: [&str; 3] = ["headers", "secret", "auth"];

type Members = IndexMap<String, Box<RawValue>>;

impl Vault {
    /// A definition that may be stored.
    pub fn seal_definition(&self, definition: &str) -> String {
        let Some(mut members) = members(definition) else { return definition.to_owned() };
        let Some(callback) = members.get(MEMBER).map(|raw| raw.get().to_owned()) else { return definition.to_owned() };
        let is_private = serde_json::from_str::<IndexMap<String, Box<RawValue>>>(&callback)
            .is_ok_and(|callback| PRIVATE.iter().any(|name| callback.contains_key(*name)));
        if !is_private {
            return definition.to_owned();
        }
        members.insert(MEMBER.to_owned(), raw_text(&self.seal(Purpose::Function, callback.as_bytes())));
        text(&members)
    }

    /// The definition as it was before it was sealed.
    ///
    /// # Errors
    /// See [`VaultError`].
    pub fn open_definition(&self, stored: &str) -> Result<String, VaultError> {
        let Some((mut members, sealed)) = sealed(stored) else { return Ok(stored.to_owned()) };
        let plain = String::from_utf8(self.open(Purpose::Function, &sealed)?).map_err(|_| VaultError::Damaged)?;
        members.insert(MEMBER.to_owned(), RawValue::from_string(plain).map_err(|_| VaultError::Damaged)?);
        Ok(text(&members))
    }

    /// The definition without a callback that does not open: its steps can go on without it.
    pub fn open_definition_in_part(&self, stored: &str) -> String {
        self.open_definition(stored).unwrap_or_else(|_| match sealed(stored) {
            Some((mut members, _)) => {
                members.shift_remove(MEMBER);
                text(&members)
            }
            None => stored.to_owned(),
        })
    }
}

/// The members of a stored definition whose callback is sealed, and the sealed text.
fn sealed(stored: &str) -> Option<(Members, String)> {
    let members = members(stored)?;
    let callback: String = serde_json::from_str(members.get(MEMBER)?.get()).ok()?;
    callback.starts_with(super::PREFIX).then_some((members, callback))
}

fn members(definition: &str) -> Option<Members> {
    serde_json::from_str(definition).ok()
}

fn raw_text(value: &str) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).expect("a text is JSON")
}

fn text(members: &Members) -> String {
    serde_json::to_string(members).expect("members of an object are JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EncryptionKey, EncryptionKeys};

    const SECRET: &str = r#"{"name":"a","callback":{"url":"https://a.example/","secret":"hidden","headers":{"X-A":"hidden"}},"memory":100.0,"stack":[{"x":"é\n"}]}"#;

    fn vault() -> Vault {
        Vault::new(&EncryptionKeys { sealing: EncryptionKey::fresh(), also_open: Vec::new(), made: None })
    }

    #[test]
    fn a_definition_comes_back_byte_for_byte() {
        let vault = vault();
        let stored = vault.seal_definition(SECRET);
        assert!(!stored.contains("hidden") && stored.contains(r#""memory":100.0,"stack":[{"x":"é\n"}]"#), "{stored}");
        assert_eq!(vault.open_definition(&stored).as_deref(), Ok(SECRET));
    }

    #[test]
    fn what_holds_nothing_private_is_stored_as_it_is() {
        let vault = vault();
        let plain = r#"{"name":"a","callback":"https://a.example/","stack":[]}"#;
        for plain in [plain, r#"{"name":"a","stack":[]}"#, r#"{"callback":{"url":"https://a.example/"},"stack":[]}"#] {
            assert_eq!(vault.seal_definition(plain), plain);
            assert_eq!(vault.open_definition(plain).as_deref(), Ok(plain));
        }
    }

    #[test]
    fn without_the_key_the_steps_are_still_there() {
        let stored = vault().seal_definition(SECRET);
        assert!(vault().open_definition(&stored).is_err());
        let rest = r#"{"name":"a","memory":100.0,"stack":[{"x":"é\n"}]}"#;
        assert_eq!(vault().open_definition_in_part(&stored), rest);
    }
}
