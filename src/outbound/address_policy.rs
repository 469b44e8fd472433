//! Which addresses a request may go to: a pure decision.
//! Never resolves a name and never connects.
