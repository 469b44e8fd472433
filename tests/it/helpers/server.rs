//! The real binary, serving on a port of its own with a store of its own.
//! Never shares anything with another story, and never outlives its own.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use serde_json::{Value, json};

use super::binary::{Finished, clean_command, ringback};
use super::{Call, Folder, Reply, eventually, guard, postgres, seconds, stacks, text_of, workspace};

/// Signs every message of every server here, unless a story says otherwise.
pub const SECRET: &str = "whsec_cmluZ2JhY2stc3Rvcmllcy1zaWduLXdpdGgtdGhpcw==";

/// Where the truth is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    Sqlite,
    Postgres,
}

/// A server about to be started.
#[derive(Debug)]
#[must_use]
pub struct ServerBuilder {
    folder: Folder,
    database: String,
    workflows: PathBuf,
    env: BTreeMap<String, String>,
    args: Vec<String>,
}

impl ServerBuilder {
    /// A file below `workflows/`.
    pub fn workflow(self, name: &str, text: impl Display) -> Self {
        self.folder.write(&format!("workflows/{name}"), text);
        self
    }

    /// The functions that many stories use; see [`stacks`].
    pub fn basics(self) -> Self {
        stacks::basics().into_iter().fold(self, |server, (name, stack)| server.workflow(&format!("{name}.json"), stack))
    }

    /// A store that another server uses already.
    pub fn database(mut self, url: &str) -> Self {
        url.clone_into(&mut self.database);
        self
    }

    /// A folder of workflows that is there already.
    pub fn workflows(mut self, folder: impl Into<PathBuf>) -> Self {
        self.workflows = folder.into();
        self
    }

    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.insert(name.to_owned(), value.into());
        self
    }

    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    #[track_caller]
    pub fn start(self) -> Server {
        let running = self.spawn().unwrap_or_else(|why| panic!("the server did not start: {why}"));
        Server { setup: self, running: Some(running) }
    }

    /// What the server says when it does not start.
    #[track_caller]
    pub fn refuses_to_start(self) -> String {
        match self.spawn() {
            Ok(mut running) => {
                running.end();
                panic!("the server started at {}", running.url);
            }
            Err(why) => why,
        }
    }

    /// Whether it starts; it is ended again at once.
    pub fn spawned_or_refused(self) -> Result<(), String> {
        self.spawn().map(|mut running| {
            running.end();
        })
    }

    fn spawn(&self) -> Result<Running, String> {
        let mut command = clean_command();
        command
            .args(["serve", "--database", &self.database, "--workflows"])
            .arg(&self.workflows)
            .args(if self.args.iter().any(|arg| arg == "--listen") { &[][..] } else { &["--listen", "127.0.0.1:0"][..] })
            .args(&self.args)
            .envs(&self.env)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Running::spawn(command)
    }
}

/// A process that accepts calls.
#[derive(Debug)]
struct Running {
    child: Child,
    url: String,
    first_line: String,
    stderr: Arc<Mutex<String>>,
}

impl Running {
    fn spawn(mut command: Command) -> Result<Self, String> {
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        guard::watch(child.id());
        let stderr = Arc::new(Mutex::new(String::new()));
        collect(child.stderr.take().unwrap(), Arc::clone(&stderr));
        let lines = first_lines(child.stdout.take().unwrap());
        let mut running = Self { child, url: String::new(), first_line: String::new(), stderr };
        loop {
            match lines.recv_timeout(seconds(60)) {
                Ok(line) => {
                    let Some(url) = url_of(&line) else { continue };
                    running.url = url;
                    running.first_line = line;
                    return Ok(running);
                }
                Err(_) => {
                    let status = running.end();
                    // What it said last is still on its way through the pipe.
                    super::pause(super::millis(50));
                    return Err(format!("it ended with {status}; stderr:\n{}", running.stderr.lock().unwrap()));
                }
            }
        }
    }

    fn end(&mut self) -> ExitStatus {
        // It may have ended by itself.
        let _ = self.child.kill();
        let status = self.child.wait().unwrap();
        guard::forget(self.child.id());
        status
    }
}

/// The address in `ringback 0.1.0 listening on http://127.0.0.1:8080 (sqlite ringback.db, 12 functions)`.
fn url_of(line: &str) -> Option<String> {
    let rest = line.strip_prefix("ringback ")?.split_once(" listening on ")?.1;
    let (url, about) = rest.split_once(' ')?;
    (url.starts_with("http") && about.starts_with('(')).then(|| url.trim_end_matches('/').to_owned())
}

/// The lines of a pipe, which is read to its end whether or not anybody listens.
fn first_lines(pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

fn collect(pipe: impl Read + Send + 'static, into: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let mut text = into.lock().unwrap();
            text.push_str(&line);
            text.push('\n');
        }
    });
}

/// A server that a story speaks to.
pub struct Server {
    setup: ServerBuilder,
    running: Option<Running>,
}

impl Server {
    pub fn on(store: Store) -> ServerBuilder {
        let folder = Folder::new("server");
        let database = match store {
            Store::Sqlite => format!("sqlite://{}", folder.path().join("ringback.db").display()),
            Store::Postgres => postgres::fresh_database(),
        };
        std::fs::create_dir_all(folder.path().join("workflows")).unwrap();
        let workflows = folder.path().join("workflows");
        let env = BTreeMap::from([
            ("RINGBACK_WEBHOOK_SECRET".to_owned(), SECRET.to_owned()),
            ("RINGBACK_LOG".to_owned(), "warn,ringback=info".to_owned()),
            ("RUST_BACKTRACE".to_owned(), "1".to_owned()),
            ("XDG_STATE_HOME".to_owned(), workspace::state_folder()),
        ]);
        ServerBuilder { folder, database, workflows, env, args: Vec::new() }
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("the server runs")
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running().url)
    }

    /// The line by which it said that it accepts calls.
    pub fn first_line(&self) -> &str {
        &self.running().first_line
    }

    pub fn database(&self) -> &str {
        &self.setup.database
    }

    pub fn folder(&self) -> &Folder {
        &self.setup.folder
    }

    /// What it has said on stderr so far.
    pub fn stderr(&self) -> String {
        self.running().stderr.lock().unwrap().clone()
    }

    /// The most memory that it has ever taken.
    pub fn memory_peak_mb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.running().child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    /// The most memory that it has held so far.
    pub fn resident_bytes_max(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.running().child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// The processes in which it runs the programs of others.
    pub fn sandboxes(&self) -> Vec<u32> {
        let parent = self.running().child.id().to_string();
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        let pids = processes.filter_map(|process| process.file_name().to_str()?.parse::<u32>().ok());
        let is_child = |pid: &u32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let after_name: Vec<&str> = stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ').collect()).unwrap_or_default();
            matches!(after_name[..], [state, ppid, ..] if state != "Z" && ppid == parent)
        };
        pids.filter(is_child).collect()
    }

    /// What it and those processes hold now.
    pub fn resident_bytes_of_all(&self) -> u64 {
        let resident = |pid: u32| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:").map(str::to_owned));
            line.map_or(0, |line| line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024)
        };
        self.sandboxes().into_iter().chain([self.running().child.id()]).map(resident).sum()
    }

    pub fn call(&self, method: &str, path: &str) -> Call {
        Call::new(method, self.url(path))
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Reply {
        self.call("GET", path).send()
    }

    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path).json(body).send()
    }

    /// Runs a command against this server, or against its store while it is stopped.
    #[track_caller]
    pub fn command(&self, args: &[&str]) -> Finished {
        let url = self.running.as_ref().map_or("http://127.0.0.1:9", |running| &running.url);
        let run =
            ringback(self.setup.folder.path(), args).env("RINGBACK_URL", url).env("RINGBACK_DATABASE", &self.setup.database);
        run.finish()
    }

    /// Starts a function asynchronously and returns the id.
    #[track_caller]
    pub fn start(&self, function: &str, body: &Value) -> String {
        let mut body = body.clone();
        body["async"] = json!(true);
        text_of(&self.post(&format!("/api/{function}"), &body).expect(202).json()["execution_id"])
    }

    /// Runs a function synchronously and returns what it answered with 200.
    #[track_caller]
    pub fn run(&self, function: &str, body: &Value) -> Value {
        self.post(&format!("/api/{function}"), body).expect(200).json()
    }

    #[track_caller]
    pub fn status(&self, id: &str) -> Value {
        self.get(&format!("/api/async-status/{id}")).expect(200).json()
    }

    #[track_caller]
    pub fn cancel(&self, id: &str) -> Reply {
        self.post("/api/async-cancel", &json!({"execution_id": id}))
    }

    /// The entry of an execution once it has ended.
    #[track_caller]
    pub fn wait_done(&self, id: &str) -> Value {
        self.wait_until(id, seconds(60), |entry| entry["status"] != "running")
    }

    /// The entry of an execution once it is in this state.
    #[track_caller]
    pub fn wait_state(&self, id: &str, state: &str) -> Value {
        self.wait_until(id, seconds(30), |entry| entry["state"] == state)
    }

    #[track_caller]
    pub fn wait_until(&self, id: &str, within: Duration, mut holds: impl FnMut(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        eventually(&format!("a state of execution {id}; see stderr"), within, || {
            last = self.status(id);
            holds(&last).then(|| last.clone())
        })
    }

    /// The executions that the server knows, newest first (at most 200).
    #[track_caller]
    pub fn executions(&self) -> Vec<Value> {
        self.get("/v1/executions?limit=200").expect(200).json()["items"].as_array().expect("a list has items").clone()
    }

    /// The kill that no process can handle.
    pub fn kill9(&mut self) {
        self.running.take().expect("the server runs").end();
    }

    /// Whether its process has ended by itself, and how.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.running.as_mut().and_then(|running| running.child.try_wait().unwrap())
    }

    /// Stops its process in the middle of whatever it does, until [`Server::thaw`].
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Sends a signal, such as `-HUP`.
    #[track_caller]
    pub fn signal(&self, signal: &str) {
        let pid = self.running().child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// The polite way: SIGTERM. Returns how it exited.
    #[track_caller]
    pub fn terminate(&mut self) -> ExitStatus {
        let mut running = self.running.take().expect("the server runs");
        let pid = running.child.id();
        assert!(Command::new("kill").args(["-TERM", &pid.to_string()]).status().unwrap().success());
        let status = eventually("the end of the server after SIGTERM", seconds(15), || running.child.try_wait().unwrap());
        guard::forget(pid);
        status
    }

    /// What it says when it does not start again; `None` where it does.
    pub fn starts_again_or_refuses(&mut self) -> Option<String> {
        match self.setup.spawn() {
            Ok(mut running) => {
                running.end();
                None
            }
            Err(why) => Some(why),
        }
    }

    /// Starts it again with other settings in its environment.
    #[track_caller]
    pub fn restart_with(&mut self, env: &[(&str, &str)]) {
        self.setup.env.extend(env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.restart();
    }

    /// Starts it again on the same store and the same workflows.
    #[track_caller]
    pub fn restart(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.end();
        }
        self.running = Some(self.setup.spawn().unwrap_or_else(|why| panic!("the server did not start again: {why}")));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.end();
            if std::thread::panicking() {
                let said = running.stderr.lock().map(|text| text.clone()).unwrap_or_default();
                let tail: Vec<&str> = said.lines().rev().take(40).collect();
                eprintln!("the server said last:");
                tail.iter().rev().for_each(|line| eprintln!("  {line}"));
            }
        }
    }
}
