//! Puts everything together from a `Config`, starts it and stops it in order.
//! Never holds a rule of its own.
