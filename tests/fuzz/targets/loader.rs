//! Any bytes as a file of functions.
//! Never judges what is found in it, only that each finding has its place.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ringback::stack::document::fuzz(bytes));
