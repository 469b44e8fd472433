//! A private PostgreSQL cluster for this run, started when the first story needs it, and a fresh database for each story.
//! Never touches a cluster that was there before, and never leaves its own behind.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{guard, runtime, workspace};

/// The URL of a database that nobody has used yet.
pub fn fresh_database() -> String {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let cluster = CLUSTER.get_or_init(Cluster::start);
    let name = format!("story_{}", NEXT.fetch_add(1, Ordering::SeqCst));
    cluster.create_database(&name);
    cluster.url(&name)
}

/// How often PostgreSQL had to break a deadlock in a database so far.
pub fn deadlocks(url: &str) -> i64 {
    runtime().block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        let counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        let count = client.query_one(counted, &[]).await.unwrap().get(0);
        drop(client);
        connection.await.unwrap().unwrap();
        count
    })
}

/// A server of PostgreSQL with its data.
pub struct Cluster {
    port: u16,
    folder: PathBuf,
    user: Option<String>,
}

impl Cluster {
    fn start() -> Self {
        Self::start_in(&workspace::root().join("postgres"))
    }

    /// One that a story may restart, since no other story uses it.
    pub fn own() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        Self::start_in(&workspace::root().join(format!("postgres-{}", NEXT.fetch_add(1, Ordering::SeqCst))))
    }

    fn start_in(folder: &Path) -> Self {
        let programs = programs();
        fs::create_dir(folder).unwrap();
        let user = unprivileged_user();
        if let Some(user) = &user {
            run(Command::new("chown").arg(user).arg(folder), "chown");
        }
        let data = folder.join("data");
        run(
            as_user(user.as_deref(), &programs.join("initdb"))
                .args(["--username=ringback", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
                .arg(&data),
            "initdb",
        );
        // Another process may take a free port between our look and the cluster's start; then the next one is tried.
        for _ in 0..5 {
            let port = free_port();
            if start(user.as_deref(), &programs, folder, &data, port) {
                guard::run_at_end(&stop_command(user.as_deref(), &programs, &data));
                return Self { port, folder: folder.to_owned(), user };
            }
        }
        panic!("PostgreSQL did not start; its log says:\n{}", fs::read_to_string(folder.join("log")).unwrap_or_default());
    }

    /// The URL of a database that nobody has used yet.
    pub fn database(&self, name: &str) -> String {
        self.create_database(name);
        self.url(name)
    }

    /// Ends every session at once, as a crash of the server does, and starts it again after a while.
    pub fn restart(&self, away: std::time::Duration) {
        let (programs, data) = (programs(), self.folder.join("data"));
        run(
            as_user(self.user.as_deref(), &programs.join("pg_ctl")).args(["stop", "--mode=immediate", "-D"]).arg(&data),
            "pg_ctl stop",
        );
        super::pause(away);
        assert!(start(self.user.as_deref(), &programs, &self.folder, &data, self.port), "PostgreSQL did not start again");
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://ringback@127.0.0.1:{}/{database}", self.port)
    }

    fn create_database(&self, name: &str) {
        let url = self.url("postgres");
        runtime().block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            let connection = tokio::spawn(connection);
            client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
            drop(client);
            connection.await.unwrap().unwrap();
        });
    }
}

/// Durability of the cluster itself is not under test here, so it may be quick: no process of PostgreSQL is ever killed.
fn start(user: Option<&str>, programs: &Path, folder: &Path, data: &Path, port: u16) -> bool {
    let options = format!(
        "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c fsync=off -c full_page_writes=off \
         -c max_connections=300 -c shared_buffers=64MB",
        folder.display()
    );
    as_user(user, &programs.join("pg_ctl"))
        .args(["start", "--wait", "--timeout=60", "-D"])
        .arg(data)
        .arg("-l")
        .arg(folder.join("log"))
        .args(["-o", &options])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn stop_command(user: Option<&str>, programs: &Path, data: &Path) -> String {
    let stop = format!("{} stop --mode=immediate -D {}", programs.join("pg_ctl").display(), data.display());
    match user {
        Some(user) => format!("cd / && setpriv --reuid={user} --regid=$(id -g {user}) --clear-groups {stop}"),
        None => stop,
    }
}

/// Where `initdb` and `pg_ctl` are: in the path, or where Debian and its like keep them.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut versions: Vec<PathBuf> =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    places.extend(versions.into_iter().rev());
    places
        .into_iter()
        .find(|place| place.join("initdb").is_file() && place.join("pg_ctl").is_file())
        .expect("a PostgreSQL server (initdb and pg_ctl) is installed; `./test` installs it where there is apt")
}

/// `initdb` refuses root: then the cluster belongs to `postgres`, or to `nobody` where there is no such user.
fn unprivileged_user() -> Option<String> {
    let id = |args: &[&str]| Command::new("id").args(args).stderr(Stdio::null()).output().unwrap();
    if id(&["-u"]).stdout != b"0\n" {
        return None;
    }
    let user = ["postgres", "nobody"].into_iter().find(|user| id(&["-u", user]).status.success());
    Some(user.expect("a user `postgres` or `nobody` exists").to_owned())
}

fn as_user(user: Option<&str>, program: &Path) -> Command {
    let Some(user) = user else { return Command::new(program) };
    let group = Command::new("id").args(["-g", user]).output().unwrap();
    let group = String::from_utf8(group.stdout).unwrap();
    let mut command = Command::new("setpriv");
    command
        .args([&format!("--reuid={user}"), &format!("--regid={}", group.trim()), "--clear-groups"])
        .arg(program)
        .current_dir("/");
    command
}

fn run(command: &mut Command, what: &str) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{what} does not start: {error}"));
    assert!(output.status.success(), "{what} failed: {}", String::from_utf8_lossy(&output.stderr));
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
