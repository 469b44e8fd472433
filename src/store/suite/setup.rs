//! Stories of opening: locks, schemas, URLs. These know SQLite, since a file has what a server has not.
//! Never leaves a file behind.

use super::*;

fn message(error: Result<Store, StoreError>) -> String {
    match error {
        Err(StoreError::Setup(message)) => message,
        Err(other) => panic!("not a matter of setup: {other}"),
        Ok(_) => panic!("it opened"),
    }
}

#[tokio::test]
async fn a_second_process_is_refused_until_the_first_is_gone() {
    let mut bench = Bench::open().await;
    assert!(message(open_in(&bench.folder).await).contains("another process uses"));
    assert!(crate::store::migrate(&config_in(&bench.folder).database).await.is_err());
    let folder = std::mem::take(&mut bench.folder);
    drop(bench);
    let store = open_in(&folder).await.unwrap();
    drop(Bench { store, folder });
}

#[tokio::test]
async fn a_schema_that_lags_is_refused_unless_it_may_be_migrated() {
    let folder = std::env::temp_dir().join(format!("ringback-store-{}", ExecutionId::random(NOW)));
    std::fs::create_dir_all(&folder).unwrap();
    let config = StoreConfig { migrate: false, ..config_in(&folder) };
    let clock = || Arc::new(ManualClock::at(NOW));
    let refused = message(crate::store::open(&config, clock()).await);
    let all = ["2026-11-24-000000_first", "2026-11-29-000000_own_steps", "2026-11-30-000000_recent_keys"];
    assert!(refused.contains("ringback migrate") && all.iter().all(|name| refused.contains(name)), "{refused}");
    assert_eq!(crate::store::migrate(&config.database).await.unwrap(), all);
    assert_eq!(crate::store::migrate(&config.database).await.unwrap(), Vec::<String>::new());
    let store = crate::store::open(&config, clock()).await.unwrap();
    drop(Bench { store, folder });
}

#[tokio::test]
async fn a_schema_from_the_future_is_refused() {
    use diesel::Connection;
    use diesel::connection::SimpleConnection;

    let mut bench = Bench::open().await;
    let folder = std::mem::take(&mut bench.folder);
    drop(bench);
    let path = folder.join("test.db");
    let mut conn = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    conn.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')").unwrap();
    drop(conn);
    assert!(message(open_in(&folder).await).contains("use a newer ringback"));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn a_url_that_names_no_database_says_what_would() {
    let folder = std::env::temp_dir();
    for (url, expected) in [
        ("mysql://user:secret@host/db", "\"mysql://\" is no database"),
        ("sqlite://", "names no file"),
        ("sqlite://:memory:", "names no file"),
        ("sqlite:///no/such/folder/x.db", "cannot open /no/such/folder/x.db"),
    ] {
        let config = StoreConfig { database: url.to_owned(), ..config_in(&folder) };
        let said = message(crate::store::open(&config, Arc::new(ManualClock::at(NOW))).await);
        assert!(said.contains(expected) && !said.contains("secret"), "{said}");
    }
}
