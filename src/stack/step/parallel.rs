//! `parallel`: several blocks whose results are wanted together, by name.
//! Never lets a branch end a loop outside it.

use std::sync::Arc;

use super::{Move, NamedBlock, StepContext, StepKind, StepReader};
use crate::stack::document::node::{Data, Node};
use crate::stack::expression::{EvalError, ValueTemplate};

#[derive(Debug)]
struct Parallel {
    names: Vec<Arc<str>>,
    blocks: Vec<NamedBlock>,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    let outside = reader.nesting;
    reader.nesting.in_loop = false;
    let (mut names, mut blocks) = (Vec::new(), Vec::new());
    let mut add = |reader: &mut StepReader<'_>, name: &str, node: &Node| {
        names.push(Arc::from(name));
        blocks.push(NamedBlock::new(format!("branches.{name}"), reader.steps(node)));
    };
    if let Some(node) = reader.find_required(&["branches", "stacks"]) {
        match &node.data {
            Data::Object(members) => members.iter().for_each(|member| add(reader, &member.key, &member.value)),
            Data::Array(items) => items.iter().enumerate().for_each(|(index, item)| add(reader, &index.to_string(), item)),
            _ => {
                let message = format!("`branches` is an object of blocks by name, not {}", node.kind());
                reader.findings.error(node.span.start, "branches_expected", message, None);
            }
        }
    }
    reader.nesting = outside;
    Box::new(Parallel { names, blocks })
}

impl StepKind for Parallel {
    fn name(&self) -> &'static str {
        "parallel"
    }

    fn perform(&self, _: &StepContext<'_>) -> Result<Move, EvalError> {
        Ok(Move::Parallel(self.names.clone()))
    }

    fn blocks(&self) -> &[NamedBlock] {
        &self.blocks
    }

    fn visit_templates(&self, _: &mut dyn FnMut(&ValueTemplate)) {}
}
