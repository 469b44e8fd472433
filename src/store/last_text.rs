//! The text of what was written last: most of what is stored one after the other has the same settings.
//! Never gives the text of anything else: values are compared, not their addresses alone.

use std::sync::Arc;

/// A value and its text.
#[derive(Debug)]
pub struct LastText<T>(Option<(Arc<T>, Arc<str>)>);

impl<T> Default for LastText<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: PartialEq> LastText<T> {
    /// The text of a value, which `write` makes where it is not the last one.
    pub fn of(&mut self, value: &Arc<T>, write: impl FnOnce(&T) -> String) -> Arc<str> {
        if let Some((last, text)) = &self.0
            && (Arc::ptr_eq(last, value) || **last == **value)
        {
            return Arc::clone(text);
        }
        let (_, text) = self.0.insert((Arc::clone(value), write(value).into()));
        Arc::clone(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_always_that_of_the_value() {
        let mut last = LastText::default();
        for number in [1, 1, 2, 1] {
            assert_eq!(*last.of(&Arc::new(number), i32::to_string), number.to_string());
        }
    }
}
