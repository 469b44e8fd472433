//! `ringback move`: everything from a SQLite file into PostgreSQL, running executions and the key file included.
//! Never runs beside a server on the file; the store refuses that.

use std::path::Path;

use super::args::{MoveArgs, SettingFlags};
use super::error::CommandError;
use super::output::Output;
use super::progress;
use super::serve::database_label;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::store;

pub async fn run(args: &MoveArgs, settings: &SettingFlags, output: &mut Output) -> Result<u8, CommandError> {
    let (from, to) = (database_label(&args.from), database_label(&args.to));
    let failed = |error: store::StoreError| CommandError::Failed(format!("{from} to {to}: {error}"));
    if args.abandon {
        store::abandon(&args.from, &args.to).await.map_err(failed)?;
        output.say(format_args!("the move is given up; {from} can be served again"));
        return Ok(0);
    }
    take_key_along(args, settings, output)?;
    let bar = progress::bar(0, "rows have moved");
    let shown = bar.clone();
    let told = move |done, total| {
        shown.set_length(u64::try_from(total).unwrap_or(0));
        shown.set_position(u64::try_from(done).unwrap_or(0));
    };
    let moved = store::relocate(&args.from, &args.to, &to, SystemClock.now(), Box::new(told)).await;
    bar.finish_and_clear();
    let moved = moved.map_err(failed)?;
    output.say(format_args!("{} rows of {} tables moved; serve {to} from now on", moved.rows, moved.tables));
    Ok(0)
}

/// What is stored is sealed with the key of the file's server: the target's server needs the same.
fn take_key_along(args: &MoveArgs, settings: &SettingFlags, output: &mut Output) -> Result<(), CommandError> {
    let of = |database: &str| {
        let flags =
            SettingFlags { database: Some(database.to_owned()), config: settings.config.clone(), ..SettingFlags::default() };
        flags.load().map(|(config, _)| config.encryption)
    };
    let (old, new) = (of(&args.from)?, of(&args.to)?);
    if old.key.is_some() || old.key_file == new.key_file || !old.key_file.exists() {
        return Ok(());
    }
    copy_key(&old.key_file, &new.key_file).map_err(CommandError::Failed)?;
    output.say(format_args!("the encryption key is in {}; every node needs it", new.key_file.display()));
    Ok(())
}

fn copy_key(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot copy {} to {}: {error}", from.display(), to.display());
    let key = std::fs::read(from).map_err(failed)?;
    match std::fs::read(to) {
        Ok(there) if there == key => return Ok(()),
        Ok(_) => {
            return Err(format!(
                "{} holds another key; move it away, or set store.encryption_key_file for the target",
                to.display()
            ));
        }
        Err(_) => {}
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    // A copy has the permissions of its original: readable by its owner only.
    std::fs::copy(from, to).map(|_| ()).map_err(failed)
}
