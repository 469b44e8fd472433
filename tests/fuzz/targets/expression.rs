//! Any bytes as an expression and as a text with expressions in it.
//! Never judges what comes out, only that it comes out.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ringback::stack::expression::fuzz(bytes));
