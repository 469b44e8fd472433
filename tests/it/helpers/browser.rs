//! A real Chromium, driven as a person would use it.
//! Never reaches around the page: what is clicked and read is what is shown.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::{Call, Folder, eventually, guard, seconds};

/// The key under which the protocol hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Finds what is hard to use for people who see, hear or move differently; see `vendor/README.md`.
const AXE: &str = include_str!("../vendor/axe.min.js");

/// One browser with one window.
pub struct Browser {
    driver: Child,
    session: String,
    _profile: Folder,
}

impl Browser {
    #[track_caller]
    pub fn open() -> Self {
        let profile = Folder::new("browser");
        let mut driver = Command::new("chromedriver")
            .args(["--port=0", "--log-level=SEVERE"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is there; ./test installs it (Debian: chromium chromium-driver)");
        guard::watch(driver.id());
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = lines.find_map(|line| line.trim_end_matches('.').rsplit_once("successfully on port ")?.1.parse::<u16>().ok());
        let url = format!("http://127.0.0.1:{}", port.expect("chromedriver says its port"));
        std::thread::spawn(move || lines.for_each(drop));
        let options = json!({"args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--no-first-run", "--disable-background-networking", "--disable-extensions", "--window-size=1200,1000",
            format!("--user-data-dir={}", profile.path().display()),
        ]});
        let wanted = json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}});
        let answer = Call::new("POST", format!("{url}/session")).json(&wanted).send().expect(200).json();
        let id = answer["value"]["sessionId"].as_str().expect("a session has an id").to_owned();
        let browser = Self { driver, session: format!("{url}/session/{id}"), _profile: profile };
        // A window that nobody looks at may have lost the focus; a person's has it.
        browser.command("Emulation.setFocusEmulationEnabled", &json!({"enabled": true}));
        browser
    }

    #[track_caller]
    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let call = Call::new(method, format!("{}{path}", self.session));
        let reply = if method == "GET" { call.send() } else { call.json(body).send() };
        reply.expect(200).json()["value"].clone()
    }

    #[track_caller]
    pub fn go(&self, url: &str) {
        self.send("POST", "/url", &json!({"url": url}));
    }

    #[track_caller]
    pub fn url(&self) -> String {
        self.send("GET", "/url", &Value::Null).as_str().unwrap_or_default().to_owned()
    }

    /// Runs a function's body in the page.
    #[track_caller]
    pub fn script(&self, body: &str) -> Value {
        self.send("POST", "/execute/sync", &json!({"script": body, "args": []}))
    }

    /// The elements of a selector, as the protocol names them.
    fn find(&self, selector: &str) -> Vec<String> {
        let body = json!({"using": "css selector", "value": selector});
        let found = self.send("POST", "/elements", &body);
        let ids = found.as_array().into_iter().flatten().filter_map(|element| element[ELEMENT].as_str());
        ids.map(str::to_owned).collect()
    }

    #[track_caller]
    fn one(&self, selector: &str) -> String {
        eventually(&format!("an element {selector} on {}", self.url()), seconds(15), || self.find(selector).into_iter().next())
    }

    pub fn has(&self, selector: &str) -> bool {
        !self.find(selector).is_empty()
    }

    /// Clicks what is there; a live page may exchange it between the look and the click, and then it is looked for again.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        eventually(&format!("a click on {selector} on {}", self.url()), seconds(20), || {
            let path = format!("{}/element/{}/click", self.session, self.find(selector).first()?);
            let reply = Call::new("POST", path).json(&json!({})).send();
            let is_gone = reply.status != 200 && reply.body.contains("stale element reference");
            (!is_gone).then(|| reply.expect(200))
        });
    }

    /// Writes into a field as a person does: what stood there goes.
    #[track_caller]
    pub fn fill(&self, selector: &str, text: &str) {
        let element = self.one(selector);
        self.send("POST", &format!("/element/{element}/clear"), &json!({}));
        self.send("POST", &format!("/element/{element}/value"), &json!({"text": text}));
    }

    /// What is shown there, as a reader sees it.
    #[track_caller]
    pub fn text(&self, selector: &str) -> String {
        let look = format!("return document.querySelector({})?.innerText ?? null", json!(selector));
        eventually(&format!("an element {selector} on {}", self.url()), seconds(15), || {
            self.script(&look).as_str().map(str::to_owned)
        })
    }

    /// Waits until what is shown there contains a text. Parts of a live page come and go, so each look is one script.
    #[track_caller]
    pub fn wait_for_text(&self, selector: &str, text: &str, within: Duration) {
        let look = format!("return Array.from(document.querySelectorAll({}), (e) => e.innerText).join('\\n')", json!(selector));
        eventually(&format!("\"{text}\" in {selector} on {}", self.url()), within, || {
            self.script(&look).as_str().is_some_and(|shown| shown.contains(text)).then_some(())
        });
    }

    fn command(&self, name: &str, params: &Value) -> Value {
        self.send("POST", "/goog/cdp/execute", &json!({"cmd": name, "params": params}))
    }

    /// The size of the page in pixels, as on a phone.
    pub fn size(&self, width: u32, height: u32) {
        let params = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.command("Emulation.setDeviceMetricsOverride", &params);
    }

    /// What the person's system prefers: `light` or `dark`.
    pub fn prefers(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.command("Emulation.setEmulatedMedia", &json!({"features": features}));
    }

    /// The whole page as a picture in `target/screenshots/`.
    pub fn picture(&self, name: &str) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let shot = self.command("Page.captureScreenshot", &json!({"captureBeyondViewport": true, "format": "png"}));
        let bytes = BASE64_STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }

    /// What of this page is hard or impossible to use for some, as axe finds it: serious and critical findings only.
    #[track_caller]
    pub fn barriers(&self) -> Vec<String> {
        let body = format!(
            "{AXE}; const done = arguments[arguments.length - 1]; \
             axe.run(document, {{resultTypes: ['violations']}}).then((found) => done(found.violations), (error) => done(String(error)));"
        );
        let found = self.send("POST", "/execute/async", &json!({"script": body, "args": []}));
        let found = found.as_array().unwrap_or_else(|| panic!("axe did not run: {found}"));
        let serious =
            found.iter().filter(|finding| ["serious", "critical"].contains(&finding["impact"].as_str().unwrap_or("serious")));
        serious.map(|finding| format!("{}: {} at {}", finding["id"], finding["help"], finding["nodes"][0]["html"])).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.picture("where-a-story-failed");
        }
        // Ends the browser; without an answer the driver's end does.
        let _ = Call::new("DELETE", &self.session).within(seconds(10)).try_send();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        guard::forget(self.driver.id());
    }
}
