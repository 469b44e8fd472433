//! The stacks that ship, broken at every effect.
//! Never knows what they are for.

use std::path::Path;
use std::sync::Arc;

use super::driver::World;
use crate::domain::value::Value;
use crate::stack::document::read_path;
use crate::stack::machine::Action;

/// Enough of an input for every stack that ships to go some way.
const INPUT: &str = r#"{
    "email": "ada@example.com", "name": "Ada", "recipient_email": "ada@example.com", "order_id": 7, "customer_id": 3, "total": 12.5,
    "items": [{"sku": "a", "quantity": 2}, {"sku": "b", "quantity": 1}], "order_items": [{"product_id": 1, "quantity": 2}],
    "images": ["http://a/1.png", "http://a/2.png"], "url": "http://a/1.png", "user_id": 5, "report_type": "monthly", "subject": "s"
}"#;

#[test]
fn every_stack_that_ships_ends_the_same_when_it_is_broken_at_every_effect() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows");
    let read = read_path(&folder).unwrap();
    let programs: Vec<_> = read.functions.iter().map(|function| Arc::clone(&function.program)).collect();
    assert!(programs.len() >= 10, "{} functions ship", programs.len());
    let calm = World::new().with_programs(programs.clone());
    let stormy = World::new().with_programs(programs.clone()).answering(|effect| match &effect.action {
        Action::Request(_) | Action::StartChild(_) | Action::EditRecord { .. } => {
            let code = crate::domain::failure::ErrorCode::Transport;
            Err(Box::new(crate::domain::failure::Failure::new(code, "no way")))
        }
        Action::QueryRecords(_) => {
            Ok(Value::array(vec![Value::object([("id", Value::Int(1))]), Value::object([("id", Value::Int(2))])]))
        }
        _ => Ok(Value::Null),
    });
    let mut effects = 0;
    for mut world in [calm, stormy] {
        world.request = Value::object([("body", super::driver::json(INPUT))]);
        for program in &programs {
            let story = world.tell_of(world.start_of(Arc::clone(program), INPUT));
            let mut positions = story.positions();
            positions.sort_unstable();
            positions.dedup();
            assert_eq!(positions.len(), story.effects.len(), "{} has two effects at one position", program.name);
            effects += story.effects.len();
        }
    }
    assert!(effects > programs.len() * 2, "only {effects} effects: the inputs do not fit the stacks any more");
}
