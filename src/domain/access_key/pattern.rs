//! Names of functions with `*` in them.
//! Never tells `-` from `_`, as names do not.

use crate::domain::function::FunctionName;
use crate::domain::limits::FUNCTION_NAME_CHARS_MAX;

/// `orders/*`: a star stands for any characters, slashes too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionPattern(String);

impl FunctionPattern {
    /// # Errors
    /// What is no pattern about it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fine = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'/' | b'*'));
        if fine && !text.is_empty() && text.len() <= FUNCTION_NAME_CHARS_MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("\"{text}\" is no pattern of functions; one looks like a name with `*` in it: \"orders/*\""))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn matches(&self, name: &FunctionName) -> bool {
        let (pattern, name) = (self.0.replace('-', "_"), name.key());
        let mut parts = pattern.split('*');
        let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        for part in parts {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        let matches =
            |pattern: &str, name: &str| FunctionPattern::parse(pattern).unwrap().matches(&FunctionName::parse(name).unwrap());
        for (pattern, name) in [
            ("*", "a/b"),
            ("orders/*", "orders/create"),
            ("orders/*", "orders/a/b"),
            ("send-mail", "send_mail"),
            ("*/create", "orders/create"),
            ("o*r*e", "orders/create"),
            ("a*a", "aa"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("orders/*", "orders"), ("orders", "orders/create"), ("*/create", "create"), ("a*a", "a"), ("ab*ba", "aba")]
        {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
        for odd in ["", "Orders", "a b", "a?"] {
            assert!(FunctionPattern::parse(odd).is_err(), "{odd}");
        }
    }
}
