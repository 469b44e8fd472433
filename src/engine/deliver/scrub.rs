//! Keeps what a receiver repeats of our secrets out of what is kept of his answer.
//! Never changes anything else of it.

use crate::domain::callback::{CallbackAuth, PrivateParts};

const MASK: &str = "********";
/// Characters of a value below which it is too common to be known again.
const CHARS_MIN: usize = 6;

/// The text without the values of the callback's headers, its secret and its credentials.
pub fn scrubbed(text: String, parts: &PrivateParts) -> String {
    let mut values: Vec<&str> = Vec::new();
    for (_, value) in &parts.headers {
        values.push(value);
        // Of "Bearer TOKEN" a receiver may repeat the token alone.
        values.extend(value.split_once(' ').map(|(_, credentials)| credentials));
    }
    values.extend(parts.secret.as_deref());
    if let Some(CallbackAuth::Jwt { secret }) = &parts.auth {
        values.push(secret);
    }
    values.retain(|value| value.len() >= CHARS_MIN);
    // The longest first, so that no part of one is left beside the mask of another.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values.into_iter().fold(text, |text, value| if text.contains(value) { text.replace(value, MASK) } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_receiver_repeats_is_masked() {
        let parts = PrivateParts {
            headers: vec![("authorization".into(), "Bearer hidden-token".into()), ("x-tenant".into(), "7".into())],
            secret: Some("whsec_hidden".into()),
            auth: Some(CallbackAuth::Jwt { secret: "hidden-phrase".into() }),
        };
        let answer = "7 times: Bearer hidden-token, hidden-token; whsec_hidden hidden-phrase";
        assert_eq!(scrubbed(answer.to_owned(), &parts), "7 times: ********, ********; ******** ********");
    }
}
