//! `ringback completions`: what a shell needs to complete our commands.
//! Never writes into a shell's files itself.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::Cli;
use super::error::CommandError;
use super::output::Output;

pub fn run(shell: Shell, output: &mut Output) -> Result<u8, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ringback", &mut script);
    output.data().write_all(&script)?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::testing;

    #[test]
    fn each_shell_gets_a_script_with_our_commands() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
            let (mut output, data, _) = testing::output(false);
            run(shell, &mut output).unwrap();
            assert!(data.text().contains("completions") && data.text().contains("keys"), "{shell}");
        }
    }
}
