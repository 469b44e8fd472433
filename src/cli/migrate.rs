//! `ringback migrate`: brings a database's schema up to date.
//! Never runs beside a server on the same SQLite file; the store refuses that.

use super::args::SettingFlags;
use super::error::CommandError;
use super::output::Output;
use super::serve::database_label;
use crate::store;

pub async fn run(settings: &SettingFlags, output: &mut Output) -> Result<u8, CommandError> {
    let (config, _) = settings.load()?;
    let database = database_label(&config.store.database);
    let applied =
        store::migrate(&config.store.database).await.map_err(|error| CommandError::Failed(format!("{database}: {error}")))?;
    for name in &applied {
        output.say(format_args!("{database}: {name} applied"));
    }
    output.say(format_args!("{database} is up to date"));
    Ok(0)
}
