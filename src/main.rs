//! Hands over to the command line and exits with its code.
//! Never parses and never decides.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    ringback::cli::main()
}
