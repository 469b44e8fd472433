//! Stories of stacks, run against a scripted world.
//! Never needs a runtime or a clock.

mod calls;
mod control;
mod driver;
mod effects;
mod forks;
mod interrupts;
mod limits;
mod positions;
mod recovery;
mod shipped;
mod variables;
