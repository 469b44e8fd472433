//! `switch`: runs the block of the first case that equals a value.
//! Never falls through to the next case.

use std::sync::Arc;

use super::{Move, NamedBlock, StepContext, StepKind, StepReader};
use crate::domain::value::{Value, loosely_equal};
use crate::stack::document::node::{Data, Node};
use crate::stack::expression::{EvalError, ValueTemplate};

#[derive(Debug)]
struct Switch {
    input: ValueTemplate,
    /// In step with the first blocks.
    cases: Vec<ValueTemplate>,
    blocks: Vec<NamedBlock>,
    default: Option<usize>,
}

const STEPS: &[&str] = &["steps", "operations", "function_stack", "stack", "then"];

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    let input = reader.required(&["input", "variable", "value", "expression"]);
    let (mut cases, mut blocks) = (Vec::new(), Vec::new());
    let mut default = None;
    if let Some(node) = reader.find_required(&["cases"]) {
        match &node.data {
            Data::Object(members) => {
                for member in members {
                    let block = NamedBlock::new(format!("cases.{}", member.key), reader.steps(&member.value));
                    if member.key == "default" {
                        default = Some(block);
                    } else {
                        cases.push(ValueTemplate::constant(Value::text(member.key.as_str())));
                        blocks.push(block);
                    }
                }
            }
            Data::Array(items) => items.iter().enumerate().for_each(|(index, item)| {
                if let Some((value, steps)) = read_case(reader, item) {
                    cases.push(value);
                    blocks.push(NamedBlock::new(format!("cases[{index}]"), steps));
                }
            }),
            _ => {
                let message = format!("`cases` is a list of {{value, steps}} or an object by value, not {}", node.kind());
                reader.findings.error(node.span.start, "cases_expected", message, None);
            }
        }
    }
    let default = reader.block(&["default", "default_steps", "default_case", "default_branch"]).or(default);
    let default = default.map(|block| {
        blocks.push(block);
        blocks.len() - 1
    });
    Box::new(Switch { input, cases, blocks, default })
}

fn read_case(reader: &mut StepReader<'_>, item: &Node) -> Option<(ValueTemplate, Arc<[crate::stack::program::Step]>)> {
    let value = ["value", "case", "when"].iter().find_map(|name| item.get(name));
    let steps = STEPS.iter().find_map(|name| item.get(name));
    let (Some(value), Some(steps)) = (value, steps) else {
        let message = "a case is an object with `value` and `steps`";
        let help = Some("write {\"value\": \"paid\", \"steps\": [ … ]}".to_owned());
        reader.findings.error(item.span.start, "case_expected", message, help);
        return None;
    };
    Some((ValueTemplate::read(value, reader.findings), reader.steps(steps)))
}

impl StepKind for Switch {
    fn name(&self) -> &'static str {
        "switch"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let input = context.value(&self.input)?;
        for (index, case) in self.cases.iter().enumerate() {
            if loosely_equal(&input, &context.value(case)?) {
                return Ok(Move::Enter(index));
            }
        }
        Ok(self.default.map_or(Move::Pass, Move::Enter))
    }

    fn blocks(&self) -> &[NamedBlock] {
        &self.blocks
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        visit(&self.input);
        self.cases.iter().for_each(visit);
    }
}
