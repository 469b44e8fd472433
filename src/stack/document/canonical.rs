//! The stored form of a function, and its version: the address of that form.
//! Never depends on where a function stood in its file, on comments, or on the spelling of keys.

use std::fmt::Write;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::config_patch::config_patch_to_value;
use super::node::{Data, Node};
use super::shapes::CONFIG_KEY;
use crate::domain::function::{ConfigPatch, FunctionName, FunctionVersion};
use crate::domain::value::Value;

/// Hex digits of a version.
const VERSION_DIGITS: usize = 16;

/// The canonical text of a function and the version that follows from it.
pub fn write(name: &FunctionName, settings: &[(&str, &Node)], config: &ConfigPatch, stack: &Node) -> (Arc<str>, FunctionVersion) {
    let mut text = String::from("{");
    write_member("name", &Node::of_value(&Value::text(name.as_str())), &mut text);
    for (key, node) in settings {
        write_member(key, node, &mut text);
    }
    let config = config_patch_to_value(config);
    if !config.is_null() {
        write_member(CONFIG_KEY, &Node::of_value(&config), &mut text);
    }
    write_member("stack", stack, &mut text);
    text.push('}');
    let digest = Sha256::new().chain_update(name.as_str()).chain_update([0]).chain_update(&text).finalize();
    let mut version = hex::encode(digest);
    version.truncate(VERSION_DIGITS);
    (text.into(), FunctionVersion(version.into()))
}

fn write_member(key: &str, node: &Node, text: &mut String) {
    if text.len() > 1 {
        text.push(',');
    }
    write_text(key, text);
    text.push(':');
    write_node(node, text);
}

/// Compact JSON that is read back with the same types: `100.0` stays a decimal.
fn write_node(node: &Node, text: &mut String) {
    match &node.data {
        Data::Null => text.push_str("null"),
        Data::Bool(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Data::Number(Value::Decimal(number)) => write!(text, "{number:?}").expect("writing to a text does not fail"),
        Data::Number(number) => text.push_str(&number.to_json_text()),
        Data::Text(own) => write_text(&own.value, text),
        Data::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_node(item, text);
            }
            text.push(']');
        }
        Data::Object(members) => {
            text.push('{');
            for (index, member) in members.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_text(&member.key, text);
                text.push(':');
                write_node(&member.value, text);
            }
            text.push('}');
        }
    }
}

fn write_text(own: &str, text: &mut String) {
    text.push_str(&Value::text(own).to_json_text());
}
