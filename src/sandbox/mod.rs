//! Other people's programs – the JavaScript of `lambda`, the templates of `template_engine` – in processes of their own.
//! Never gives them a file, a socket, a name of the environment or more than the memory that their execution has left.

pub mod check;
mod guard;
mod pace;
mod pool;
mod script;
mod task;
mod template;
pub mod worker;

pub use pool::Sandboxes;
pub use task::{Fault, Language, Level, Line, Outcome, Raised, Task};
