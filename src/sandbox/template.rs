//! Templates: blocks of text with values, loops and conditions in them.
//! Never loads another template, and never writes more than it may.

use std::io;

use minijinja::value::{Serde, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value as Shown};

use super::task::{Fault, Raised, Task};
use crate::domain::value::Value;

/// Instructions of one rendering; a loop of a million turns fits.
const FUEL: u64 = 20_000_000;
const NAME: &str = "template";

pub fn check(text: &str) -> Result<Vec<String>, Box<Raised>> {
    let text = plain_names(text);
    let environment = environment(false);
    let template = environment.template_from_named_str(NAME, &text).map_err(|error| Box::new(raised(&error)))?;
    let mut names: Vec<String> = template.undeclared_variables(false).into_iter().collect();
    names.retain(|name| environment.globals().all(|(global, _)| global != name));
    names.sort();
    Ok(names)
}

pub fn render(task: &Task, escape: bool) -> Result<Value, Fault> {
    let text = plain_names(&task.text);
    let environment = environment(escape);
    let template = environment.template_from_named_str(NAME, &text).map_err(|error| fault(&error))?;
    let mut page = Page { bytes: Vec::new(), left: task.memory_bytes, full: false };
    let rendered = template.render_captured_to(Shown::from(Serde(&task.globals)), &mut page);
    match rendered {
        _ if page.full => Err(Fault::Memory),
        Err(error) => Err(fault(&error)),
        Ok(_) => Ok(Value::text(String::from_utf8_lossy(&page.bytes))),
    }
}

fn environment<'a>(escape: bool) -> Environment<'a> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    environment.set_debug(true);
    environment.set_auto_escape_callback(move |_| if escape { AutoEscape::Html } else { AutoEscape::None });
    environment.set_formatter(show);
    environment
}

/// Values as the expressions of stacks show them inside a text: null as nothing, lists and objects as JSON.
fn show(output: &mut Output<'_>, state: &mut State<'_, '_>, value: &Shown) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Ok(()),
        ValueKind::Number if !value.is_integer() => {
            let number = f64::try_from(value.clone())?;
            output.write_str(&Value::Decimal(number).to_text()).map_err(Error::from)
        }
        ValueKind::Seq | ValueKind::Map => {
            let json = serde_json::to_string(value)
                .map_err(|error| Error::new(ErrorKind::BadSerialization, "a value has no JSON").with_source(error))?;
            minijinja::escape_formatter(output, state, &Shown::from(json))
        }
        _ => minijinja::escape_formatter(output, state, value),
    }
}

/// `$var.total` and `$input.name` are written in templates too; their place stays, so that columns are right.
fn plain_names(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        let (before, inside) = rest.split_at(open);
        plain.push_str(before);
        let close = if inside.starts_with("{{") { "}}" } else { "%}" };
        let (block, after) = inside.split_at(inside.find(close).unwrap_or(inside.len()));
        let (mut quote, mut chars) = (None, block.chars().peekable());
        while let Some(c) = chars.next() {
            let named = chars.peek().is_some_and(|next| next.is_alphabetic() || *next == '_');
            match (quote, c) {
                (None, '$') if named => plain.push(' '),
                (None, '"' | '\'') => {
                    quote = Some(c);
                    plain.push(c);
                }
                (Some(open), c) if open == c => {
                    quote = None;
                    plain.push(c);
                }
                _ => plain.push(c),
            }
        }
        rest = after;
    }
    plain + rest
}

fn fault(error: &Error) -> Fault {
    match error.kind() {
        ErrorKind::OutOfFuel => Fault::Fuel,
        _ => Fault::Raised(Box::new(raised(error))),
    }
}

fn raised(error: &Error) -> Raised {
    let mut message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    if error.kind() == ErrorKind::TemplateNotFound {
        message += "; a template is one text and includes no other";
    }
    let column = error.range().and_then(|range| {
        let before = error.template_source()?.get(..range.start)?;
        u32::try_from(before.chars().rev().take_while(|c| *c != '\n').count() + 1).ok()
    });
    let line = error.line().and_then(|line| u32::try_from(line).ok());
    Raised { name: "TemplateError".to_owned(), message, line, column, ..Raised::default() }
}

/// What was written so far, up to a bound.
struct Page {
    bytes: Vec<u8>,
    left: usize,
    full: bool,
}

impl io::Write for Page {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let Some(left) = self.left.checked_sub(text.len()) else {
            self.full = true;
            return Err(io::ErrorKind::OutOfMemory.into());
        };
        self.left = left;
        self.bytes.extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Language;

    fn task(text: &str, globals: &str) -> Task {
        Task {
            language: Language::Template { escape: true },
            text: text.into(),
            globals: Value::from_json_text(globals).unwrap(),
            memory_bytes: 1_000_000,
            millicores: 1000,
            now_ms: 0,
            seed: 1,
        }
    }

    fn rendered(text: &str, globals: &str) -> String {
        render(&task(text, globals), true).unwrap().to_text()
    }

    #[test]
    fn values_are_shown_as_in_other_texts_and_escaped_for_html() {
        let globals =
            r#"{"user": {"name": "<Ann>", "age": 9007199254740993}, "none": null, "half": 0.5, "two": 2.0, "list": ["a", 1]}"#;
        assert_eq!(rendered("Hi {{ user.name }} ({{ user.age }})", globals), "Hi &lt;Ann&gt; (9007199254740993)");
        assert_eq!(rendered("[{{ none }}{{ missing.deeper }}] {{ half }} {{ two }}", globals), "[] 0.5 2");
        assert_eq!(render(&task("{{ list }} {{ user.name }}", globals), false).unwrap().to_text(), r#"["a",1] <Ann>"#);
        let text = "{% for item in list %}{{ loop.index }}:{{ item }}{% if not loop.last %}, {% endif %}{% endfor %}";
        assert_eq!(rendered(text, globals), "1:a, 2:1");
    }

    #[test]
    fn objects_keep_the_order_of_their_fields() {
        assert_eq!(rendered("{% for key in o %}{{ key }}{% endfor %}", r#"{"o": {"z": 1, "a": 2}}"#), "za");
    }

    #[test]
    fn names_may_be_written_with_a_dollar() {
        let globals = r#"{"var": {"a": 1}, "input": {"b": 2}}"#;
        assert_eq!(rendered("$5: {{ $var.a }}{{$input.b}} {{ '$var' }}", globals), "$5: 12 $var");
        assert_eq!(check("{{ $var.a }} {% if user %}{{ range(3) }}{% endif %}").unwrap(), ["user", "var"]);
    }

    #[test]
    fn what_does_not_read_is_told_with_its_line() {
        let error = check("one\n{{ two }}\n{% if three %}").unwrap_err();
        assert_eq!(error.line, Some(3), "{error:?}");
        let error = check("{{ a + }}").unwrap_err();
        assert_eq!((error.line, error.name.as_str()), (Some(1), "TemplateError"), "{error:?}");
        assert!(check("{{ a|nosuchfilter }}").is_err() || render(&task("{{ a|nosuchfilter }}", "{}"), true).is_err());
    }

    #[test]
    fn no_file_is_read() {
        let Err(Fault::Raised(error)) = render(&task("{% include '/etc/passwd' %}", "{}"), true) else { panic!("it was read") };
        assert!(error.message.contains("includes no other"), "{error:?}");
    }

    #[test]
    fn what_is_written_and_what_is_burned_is_bounded() {
        let long = "{% for n in range(100000) %}0123456789012345678901234567890{% endfor %}";
        assert_eq!(render(&task(long, "{}"), true), Err(Fault::Memory));
        let burning = "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}";
        assert_eq!(render(&task(burning, "{}"), true), Err(Fault::Fuel));
    }
}
