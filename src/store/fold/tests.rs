//! What folds into one image, and what is left to be applied alone.
//! Never needs a store.

use super::*;
use crate::domain::execution::{Outcome, Ownership};
use crate::domain::timestamp::Timestamp;
use crate::store::suite::{birth, cancelled, checkpoint, completed, finish, key, next, park, queued, running, with_records};
use crate::store::write::IdempotencyKey;

fn folded(batch: &[Entry]) -> Folded<'_> {
    fold(batch, &["alerts"], &HashSet::default())
}

#[test]
fn a_whole_life_is_one_insert() {
    let born = birth();
    let mut owner = Ownership { id: born.id, epoch: 1, seq: 0 };
    let batch = [
        Entry::Submit(running(&born)),
        Entry::Checkpoint(checkpoint(next(&mut owner))),
        Entry::Finish(finish(next(&mut owner), completed())),
    ];
    let folded = folded(&batch);
    assert_eq!((folded.born.len(), folded.stepped.len(), folded.ended.len()), (1, 0, 0));
    let image = &folded.born[0];
    assert_eq!((image.before, image.seq, image.stepped, image.end.is_some()), (0, 2, true, true));
    assert_eq!((folded.journal.len(), &folded.alone[..]), (0, &[][..]));
    let Entry::Checkpoint(Checkpoint { step: Some(step), .. }) = &batch[1] else { panic!("it is a checkpoint with a step") };
    assert_eq!(image.own_steps, [(1, step)], "its steps lie in its row");
}

#[test]
fn steps_lie_in_the_journal_where_their_execution_may_go_on_or_they_are_many() {
    let journal = |steps: i32, outcome: Option<Outcome>| {
        let born = birth();
        let mut owner = Ownership { id: born.id, epoch: 1, seq: 0 };
        let mut batch = vec![Entry::Submit(running(&born))];
        batch.extend((0..steps).map(|_| Entry::Checkpoint(checkpoint(next(&mut owner)))));
        batch.extend(outcome.map(|outcome| Entry::Finish(finish(next(&mut owner), outcome))));
        let folded = folded(&batch);
        (folded.journal.len(), folded.born[0].own_steps.len())
    };
    assert_eq!(journal(2, Some(completed())), (0, 2));
    assert_eq!(journal(2, None), (2, 0));
    assert_eq!(journal(2, Some(cancelled())), (2, 0));
    assert_eq!(journal(100, Some(completed())), (100, 0));
}

#[test]
fn steps_of_one_execution_are_one_update() {
    let mut owner = Ownership { id: birth().id, epoch: 3, seq: 7 };
    let batch = [Entry::Checkpoint(checkpoint(next(&mut owner))), Entry::Checkpoint(checkpoint(next(&mut owner)))];
    let folded = folded(&batch);
    assert_eq!((folded.stepped.len(), folded.journal.len()), (1, 2));
    assert_eq!((folded.stepped[0].before, folded.stepped[0].seq), (7, 9));
}

#[test]
fn a_gap_another_epoch_and_anything_after_the_end_are_left_alone() {
    let owner = Ownership { id: birth().id, epoch: 1, seq: 1 };
    let step = |seq, epoch| Entry::Checkpoint(checkpoint(Ownership { seq, epoch, ..owner }));
    let end = Entry::Finish(finish(owner, completed()));
    for batch in [[step(1, 1), step(3, 1)], [step(1, 1), step(2, 2)], [end, step(2, 1)]] {
        let folded = folded(&batch);
        assert_eq!((folded.alone.len(), folded.stepped.len(), folded.journal.len()), (2, 0, 0));
    }
}

#[test]
fn what_needs_a_look_at_the_store_is_left_alone_with_all_of_its_execution_but_its_birth() {
    let born = birth();
    let mut owner = Ownership { id: born.id, epoch: 1, seq: 0 };
    let unique = crate::store::suite::insert("orders", 1, "a");
    let batch = [
        Entry::Checkpoint(checkpoint(Ownership { id: birth().id, epoch: 1, seq: 1 })),
        Entry::Submit(running(&born)),
        with_records(next(&mut owner), vec![unique]),
        Entry::Park(park(next(&mut owner), None, Vec::new())),
    ];
    let folded = folded(&batch);
    assert_eq!((folded.alone, folded.stepped.len(), folded.born.len()), (vec![2, 3], 1, 1));
}

#[test]
fn of_two_calls_under_one_key_the_second_looks_after_the_first() {
    let keyed = || Entry::Submit(Submit { key: Some(key(1)), ..running(&birth()) });
    let batch = [keyed(), keyed()];
    let folded = folded(&batch);
    assert_eq!((folded.born.len(), folded.alone), (1, vec![1]));
}

#[test]
fn a_whole_life_under_a_key_folds_unless_the_key_was_lost() {
    let (born, child) = (birth(), birth());
    let mut owner = Ownership { id: born.id, epoch: 1, seq: 0 };
    let children = vec![queued(&child, Timestamp(0))];
    let another = IdempotencyKey { hash: [2; 32], ..key(1) };
    let batch = [
        Entry::Submit(Submit { key: Some(key(1)), ..running(&born) }),
        Entry::Checkpoint(Checkpoint { children, ..checkpoint(next(&mut owner)) }),
        Entry::Finish(finish(next(&mut owner), completed())),
        Entry::Submit(Submit { key: Some(key(1)), ..running(&birth()) }),
        Entry::Submit(Submit { key: Some(another), ..running(&birth()) }),
    ];
    let folded = folded(&batch);
    assert_eq!((folded.born.len(), folded.journal.len(), folded.alone), (3, 0, vec![3]));
    let without = fold(&batch, &["alerts"], &HashSet::from_iter([born.id]));
    assert_eq!(
        (without.born.len(), without.journal.len(), without.alone),
        (1, 0, vec![0, 1, 2, 3]),
        "who lost it takes nobody's place"
    );
}

#[test]
fn two_births_of_one_id_are_left_alone() {
    let child = birth();
    let one = Ownership { id: birth().id, epoch: 1, seq: 1 };
    let with_child = |owner| {
        let children = vec![queued(&child, Timestamp(0))];
        Entry::Checkpoint(Checkpoint { children, ..checkpoint(owner) })
    };
    let batch = [with_child(one), with_child(Ownership { id: birth().id, ..one })];
    assert_eq!(folded(&batch).alone, vec![0, 1]);
    let batch = [with_child(one)];
    let folded = folded(&batch);
    assert_eq!((folded.born.len(), folded.stepped.len()), (1, 1));
}

#[test]
fn messages_that_go_back_are_written_together_unless_one_goes_twice() {
    let (one, other) = (DeliveryId::terminal(birth().id), DeliveryId::terminal(birth().id));
    let released = |id, ms| Entry::DeliveryReleased { id, due_at: Timestamp(ms) };
    let batch = [released(one, 5), released(other, 4)];
    let folded_once = folded(&batch);
    assert_eq!((folded_once.released.len(), folded_once.alone), (2, vec![]));
    let batch = [released(one, 5), released(other, 4), released(one, 6)];
    let folded_twice = folded(&batch);
    assert_eq!((folded_twice.released, folded_twice.alone), (vec![(other, Timestamp(4))], vec![0, 2]));
}
