//! Where words go: data to standard output, talk to standard error, colours only where they are seen.
//! Never buffers: what is printed is seen at once.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write};

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, ContentArrangement, Table, presets};
use serde_json::Value;

pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default();
pub const BUSY: Style = AnsiColor::Yellow.on_default();
pub const DIM: Style = Style::new().dimmed();
pub const BOLD: Style = Style::new().bold();

/// The two streams of a command. Both strip colours where they are not wanted (no terminal, `NO_COLOR`).
pub struct Output {
    data: Box<dyn Write>,
    talk: Box<dyn Write>,
    /// Machines read the data.
    pub json: bool,
    /// A person sees the data.
    terminal: bool,
}

impl Output {
    pub fn of_process(json: bool) -> Self {
        let terminal = io::stdout().is_terminal();
        Self { data: Box::new(anstream::stdout()), talk: Box::new(anstream::stderr()), json, terminal }
    }

    #[cfg(test)]
    pub fn into_buffers(data: impl Write + 'static, talk: impl Write + 'static, json: bool) -> Self {
        Self { data: Box::new(data), talk: Box::new(talk), json, terminal: false }
    }

    /// The raw stream of the data.
    pub fn data(&mut self) -> &mut dyn Write {
        &mut self.data
    }

    /// A line of data.
    pub fn line(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(self.data, "{text}")?;
        self.data.flush()
    }

    /// A line for the person who watches.
    pub fn say(&mut self, text: impl Display) {
        // Talk is a courtesy: a closed standard error must not fail the command.
        let _ = writeln!(self.talk, "{text}");
    }

    /// What went wrong, for the person who watches.
    pub fn problem(&mut self, text: &str) {
        self.say(format_args!("{BAD}error{BAD:#}: {text}"));
    }

    /// A JSON value: indented for people, on one line for machines.
    pub fn value(&mut self, value: &Value) -> io::Result<()> {
        if self.json || !self.terminal { self.line(value) } else { self.line(format_args!("{value:#}")) }
    }

    /// A table with a header; as wide as the terminal, or as its content where there is none.
    pub fn table(&mut self, header: &[&str], rows: Vec<Vec<Cell>>) -> io::Result<()> {
        let table = table(header, rows);
        self.line(table.trim_fmt())
    }
}

/// A table as every command draws it.
fn table(header: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    let mut table = Table::new();
    // The stream strips colours where they are not wanted, so the table always carries them.
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).enforce_styling();
    table.style_text_only();
    table.set_header(header.iter().map(|name| Cell::new(name.to_uppercase()).add_attribute(comfy_table::Attribute::Bold)));
    table.add_rows(rows);
    table
}

/// The style of a state's word.
pub fn state_style(state: &str) -> Style {
    match state {
        "completed" => GOOD,
        "failed" | "timed_out" | "cancelled" | "not_found" | "expired" => BAD,
        _ => BUSY,
    }
}

/// A state as a table shows it.
pub fn state_cell(state: &str) -> Cell {
    let colour = match state_style(state) {
        style if style == GOOD => comfy_table::Color::Green,
        style if style == BAD => comfy_table::Color::Red,
        _ => comfy_table::Color::Yellow,
    };
    Cell::new(state).fg(colour)
}

#[cfg(test)]
pub mod testing {
    use std::cell::RefCell;
    use std::io::{self, Write};
    use std::rc::Rc;

    use super::Output;

    /// A stream that a test can read afterwards.
    #[derive(Clone, Default)]
    pub struct Buffer(Rc<RefCell<Vec<u8>>>);

    impl Buffer {
        pub fn text(&self) -> String {
            String::from_utf8(self.0.borrow().clone()).unwrap()
        }
    }

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// An output and the buffers of its data and its talk, without colours.
    pub fn output(json: bool) -> (Output, Buffer, Buffer) {
        let (data, talk) = (Buffer::default(), Buffer::default());
        let plain = |buffer: &Buffer| anstream::StripStream::new(Box::new(buffer.clone()) as Box<dyn Write>);
        (Output::into_buffers(plain(&data), plain(&talk), json), data, talk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_and_talk_go_to_different_streams() {
        let (mut output, data, talk) = testing::output(false);
        output.line("data").unwrap();
        output.say("talk");
        output.problem("it broke");
        assert_eq!(data.text(), "data\n");
        assert_eq!(talk.text(), "talk\nerror: it broke\n");
    }

    #[test]
    fn a_table_lines_up_its_columns() {
        let (mut output, data, _) = testing::output(false);
        let rows = vec![vec![Cell::new("a"), state_cell("completed")], vec![Cell::new("longer"), state_cell("failed")]];
        output.table(&["function", "state"], rows).unwrap();
        assert_eq!(data.text(), " FUNCTION  STATE\n a         completed\n longer    failed\n");
    }

    #[test]
    fn a_value_is_one_line_for_machines() {
        let (mut output, data, _) = testing::output(true);
        output.value(&serde_json::json!({"a": [1, 2]})).unwrap();
        assert_eq!(data.text(), "{\"a\":[1,2]}\n");
    }
}
