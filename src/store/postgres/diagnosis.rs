//! Why a Postgres server cannot be reached, in the words of whoever refused, and the mend; and whether it keeps what nodes need.
//! Never shows a password: what the driver says of one is that it is wrong.

use std::error::Error as _;
use std::io::ErrorKind;
use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

use super::connection::shown;
use crate::domain::timestamp::Timestamp;
use crate::store::{Probed, StoreError};

/// How long the second look may take.
const WITHIN: Duration = Duration::from_secs(10);

/// Tries once more and tells the whole chain of causes; `None` where it goes well, or where nobody answers at all.
pub fn why(url: &str) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let connected = runtime.block_on(async { tokio::time::timeout(WITHIN, tokio_postgres::connect(url, NoTls)).await });
    match connected {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(told(&error)),
        Err(_) => Some(silent()),
    }
}

/// Looks at a server as a node would use it; its schema is not touched.
///
/// # Errors
/// It cannot be reached, or a transaction pooler stands between.
pub async fn probe(url: &str) -> Result<Probed, StoreError> {
    let refused = |why: String| StoreError::Setup(format!("the database {} cannot be used: {why}", shown(url)));
    let failed = |error: tokio_postgres::Error| refused(told(&error));
    let looking = async {
        let (one, other) = (connect(url).await.map_err(failed)?, connect(url).await.map_err(failed)?);
        let first = backend(&one).await.map_err(failed)?;
        other.batch_execute("BEGIN").await.map_err(failed)?;
        let shared = backend(&other).await.map_err(failed)? == first || backend(&one).await.map_err(failed)? != first;
        other.batch_execute("ROLLBACK").await.map_err(failed)?;
        if shared {
            let why = "two connections share a session, so a pooler that pools transactions stands between; nodes hold locks \
                       for as long as they are connected: name the server itself, or let the pooler pool sessions";
            return Err(refused(why.to_owned()));
        }
        let row = one
            .query_one("SELECT current_setting('server_version'), (extract(epoch FROM clock_timestamp()) * 1000)::bigint", &[])
            .await
            .map_err(failed)?;
        Ok(Probed { version: row.get(0), now: Timestamp(row.get(1)) })
    };
    tokio::time::timeout(WITHIN, looking).await.unwrap_or_else(|_| Err(refused(silent())))
}

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // It ends with its client, and says through that what went wrong.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

async fn backend(client: &Client) -> Result<i32, tokio_postgres::Error> {
    client.query_one("SELECT pg_backend_pid()", &[]).await.map(|row| row.get(0))
}

fn silent() -> String {
    format!("no answer within {} s; look whether host and port are right and no firewall is between", WITHIN.as_secs())
}

fn told(error: &tokio_postgres::Error) -> String {
    let mut words = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.iter().any(|word| word.contains(&text)) {
            words.push(text);
        }
        cause = error.source();
    }
    let words = words.join(": ");
    let mend = match (error.code(), io_kind(error)) {
        (Some(code), _) => mend_of(code),
        (None, Some(ErrorKind::ConnectionRefused)) => Some("start PostgreSQL there, or name another with --database"),
        (None, Some(_)) if words.contains("lookup") => Some("name a host that exists with --database"),
        _ if words.contains("TLS") => {
            Some("ringback speaks to PostgreSQL without TLS: take sslmode=require away, or put a tunnel between")
        }
        _ => None,
    };
    mend.map_or(words.clone(), |mend| format!("{words}; {mend}"))
}

fn io_kind(error: &tokio_postgres::Error) -> Option<ErrorKind> {
    error.source()?.downcast_ref::<std::io::Error>().map(std::io::Error::kind)
}

fn mend_of(code: &SqlState) -> Option<&'static str> {
    match *code {
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            Some("look at user and password in the URL, and at pg_hba.conf of the server")
        }
        SqlState::INVALID_CATALOG_NAME => Some("make it with `createdb`, or name another with --database"),
        SqlState::TOO_MANY_CONNECTIONS => Some("raise max_connections of the server; each node takes six"),
        SqlState::INSUFFICIENT_PRIVILEGE => Some("give this user the right to connect and to create tables"),
        SqlState::CANNOT_CONNECT_NOW => Some("it is starting or stopping: try again in a moment"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_where_nobody_listens_is_told_with_its_cause_and_its_mend() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let told = why(&format!("postgres://me:geheim@127.0.0.1:{free}/db")).unwrap();
        assert!(told.contains("refused") && told.contains("--database") && !told.contains("geheim"), "{told}");
    }
}
