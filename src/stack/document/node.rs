//! A parsed JSON document that still knows where everything stood in its file.
//! Never interprets what it holds.

use crate::domain::value::Value;
use crate::stack::finding::Span;

/// One value of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub span: Span,
    pub data: Data,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    Null,
    Bool(bool),
    /// Always `Value::Int` or `Value::Decimal`.
    Number(Value),
    Text(Text),
    Array(Vec<Node>),
    /// In the order of the file; a repeated key is an error of the parser.
    Object(Vec<Member>),
}

/// A text and, for each byte of it, where it stands in the file, so that an error inside an expression has its own column.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub value: String,
    /// Byte offset in the file where the text's first character stands (behind the quote).
    pub start: usize,
    /// Pairs of (byte offset in `value`, byte offset in the file) after each escape that changes the distance.
    pub shifts: Vec<(usize, usize)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub key: String,
    pub key_span: Span,
    pub value: Node,
}

impl Text {
    /// Where the byte at `offset` of the text stands in the file.
    pub fn file_offset(&self, offset: usize) -> usize {
        let shift = self.shifts.iter().rev().find(|(from, _)| *from <= offset);
        shift.map_or(self.start + offset, |(from, at)| at + (offset - from))
    }
}

impl Node {
    /// A node that stands nowhere in particular: every place in it is `span`.
    pub fn placed(data: Data, span: Span) -> Self {
        Self { span, data }
    }

    /// A text that stands nowhere in particular.
    pub fn placed_text(text: &str, span: Span) -> Self {
        Self::placed(Data::Text(Text { value: text.to_owned(), start: span.start, shifts: Vec::new() }), span)
    }

    /// A value that comes from no file.
    pub fn of_value(value: &Value) -> Self {
        let span = Span::default();
        let data = match value {
            Value::Null => Data::Null,
            Value::Bool(value) => Data::Bool(*value),
            Value::Int(_) | Value::Decimal(_) => Data::Number(value.clone()),
            Value::Text(text) => return Self::placed_text(text, span),
            Value::Timestamp(_) => return Self::placed_text(&value.to_text(), span),
            Value::Array(items) => Data::Array(items.iter().map(Self::of_value).collect()),
            Value::Object(object) => Data::Object(
                object
                    .fields
                    .iter()
                    .map(|(key, value)| Member { key: key.to_string(), key_span: span, value: Self::of_value(value) })
                    .collect(),
            ),
        };
        Self::placed(data, span)
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.data {
            Data::Object(members) => members.iter().find(|member| member.key == key).map(|member| &member.value),
            _ => None,
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(&text.value),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&[Node]> {
        match &self.data {
            Data::Array(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&[Member]> {
        match &self.data {
            Data::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The value without its places.
    pub fn to_value(&self) -> Value {
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Number(number) => number.clone(),
            Data::Text(text) => Value::text(text.value.as_str()),
            Data::Array(items) => Value::array(items.iter().map(Node::to_value).collect()),
            Data::Object(members) => Value::object(members.iter().map(|member| (member.key.as_str(), member.value.to_value()))),
        }
    }

    /// What kind of value this is, as messages say it.
    pub fn kind(&self) -> &'static str {
        match &self.data {
            Data::Null => "null",
            Data::Bool(_) => "a bool",
            Data::Number(_) => "a number",
            Data::Text(_) => "a text",
            Data::Array(_) => "a list",
            Data::Object(_) => "an object",
        }
    }
}
