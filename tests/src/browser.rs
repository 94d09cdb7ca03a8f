//! A real browser: headless Chromium, driven over WebDriver (<https://www.w3.org/TR/webdriver2/>) as a person would use it,
//! with a mouse and keys.

mod wire;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::server::{Guard, wait_until};
use wire::Wire;

/// The names that Chromium goes by.
const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// How long it may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Chromium with one window; gone when this is dropped, and also when this process is killed.
///
/// Its methods panic, with what the browser said, when that doesn't do what it is asked to.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    wire: Wire,
    session: String,
    /// What the driver prints; it would end if nobody had the other end.
    _said: BufReader<ChildStdout>,
    /// Ends the driver and removes the browser's folder.
    _guard: Guard,
}

/// Keys that have no character, as WebDriver names them.
pub mod key {
    /// Tab.
    pub const TAB: &str = "\u{e004}";
    /// Enter.
    pub const ENTER: &str = "\u{e007}";
    /// Escape.
    pub const ESCAPE: &str = "\u{e00c}";
    /// To the left.
    pub const LEFT: &str = "\u{e012}";
    /// Up.
    pub const UP: &str = "\u{e013}";
    /// To the right.
    pub const RIGHT: &str = "\u{e014}";
    /// Down.
    pub const DOWN: &str = "\u{e015}";
}

impl Browser {
    /// Starts one with a window of this size, in CSS pixels.
    #[must_use]
    pub fn start(width: u32, height: u32) -> Self {
        let (Some(driver), Some(browser)) = (on_path(&["chromedriver"]), on_path(BROWSERS)) else {
            panic!(
                "these tests need Chromium and its driver: on Debian `apt-get install chromium chromium-driver`, elsewhere \
                 what provides `chromium` and `chromedriver` on PATH"
            )
        };
        let folder = tempfile::tempdir().expect("a temporary folder").keep();
        let mut guard = Guard::new(&folder, "TERM");
        let mut command = std::process::Command::new(driver);
        command.arg("--port=0").env("TMPDIR", &folder).env("HOME", &folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = command.spawn().expect("the driver can be started");
        guard.watch(Some(driver.id()));
        let mut said = BufReader::new(driver.stdout.take().expect("a pipe"));
        let port = port(&mut said);
        let mut started =
            Self { driver, wire: Wire::new(port), session: String::new(), _said: said, _guard: guard };
        started.begin_session(&browser, &folder.join("profile"));
        started.set_size(width, height);
        started
    }

    fn begin_session(&mut self, browser: &Path, profile: &Path) {
        // Over a pipe, whose end ends the browser: killed, the driver could not.
        let arguments = [
            "--remote-debugging-pipe",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            &format!("--user-data-dir={}", profile.display()),
        ];
        let options = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": browser, "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let body = json!({ "capabilities": { "alwaysMatch": options } });
        let begun = self.wire.send("POST", "/session", Some(&body));
        let begun = begun.unwrap_or_else(|error| panic!("the browser does not start: {error}"));
        self.session = begun["sessionId"].as_str().expect("the id of a session").to_owned();
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let path = format!("/session/{}{path}", self.session);
        self.wire.send(method, &path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// A command of Chromium's own protocol (<https://chromedevtools.github.io/devtools-protocol/>).
    fn tell(&self, command: &str, parameters: &Value) {
        self.send("POST", "/goog/cdp/execute", Some(&json!({ "cmd": command, "params": parameters })));
    }

    /// Makes the window look as large as this, in CSS pixels; a pixel of the screen is one of these.
    pub fn set_size(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.tell("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Has pages believe that the user prefers the dark, or the light.
    pub fn prefer_dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.tell("Emulation.setEmulatedMedia", &feature);
    }

    /// Opens a file anew, at a place that a fragment names, and waits until the page says that it is ready.
    pub fn open(&self, file: &Path, fragment: &str) {
        // From another page: of the same one, only the fragment would change.
        self.go("about:blank");
        self.go(&format!("file://{}#{fragment}", file.display()));
        let is_ready = || !self.script("return document.documentElement.dataset.ready ?? null").is_null();
        assert!(wait_until(PATIENCE, is_ready), "the page is not ready; it says {:?}", self.messages());
    }

    /// Goes to an address.
    pub fn go(&self, address: &str) {
        self.send("POST", "/url", Some(&json!({ "url": address })));
    }

    /// Clicks into the middle of the first element that a CSS selector finds, which has to be in sight with nothing over it.
    pub fn click(&self, selector: &str) {
        let body = json!({ "using": "css selector", "value": selector });
        let found = self.send("POST", "/element", Some(&body));
        let id = found.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
        self.send("POST", &format!("/element/{}/click", id.expect("an element")), Some(&json!({})));
        self.wait_for_frame();
    }

    /// Presses keys one after the other: characters, or those of [`key`].
    pub fn press(&self, keys: &str) {
        let presses = keys.chars().flat_map(|key| {
            ["keyDown", "keyUp"].map(|what| json!({ "type": what, "value": key.to_string() }))
        });
        let source = json!({ "type": "key", "id": "keys", "actions": presses.collect::<Vec<_>>() });
        self.act(&source);
    }

    /// Presses the mouse at one point of the window and lets it go at another.
    pub fn drag(&self, from: (i32, i32), to: (i32, i32)) {
        let at = |(x, y): (i32, i32)| json!({ "type": "pointerMove", "x": x, "y": y, "duration": 40 });
        let actions = json!([at(from), { "type": "pointerDown", "button": 0 }, at(to), { "type": "pointerUp", "button": 0 }]);
        let source = json!({ "type": "pointer", "id": "mouse", "actions": actions });
        self.act(&source);
    }

    /// Puts two fingers on the window and moves each to another point.
    pub fn pinch(&self, fingers: [((i32, i32), (i32, i32)); 2]) {
        let sources = fingers.iter().enumerate().map(|(finger, ((x, y), (to_x, to_y)))| {
            let actions = json!([
                { "type": "pointerMove", "x": x, "y": y }, { "type": "pointerDown", "button": 0 },
                { "type": "pointerMove", "x": to_x, "y": to_y, "duration": 100 }, { "type": "pointerUp", "button": 0 },
            ]);
            let kind = json!({ "pointerType": "touch" });
            json!({ "type": "pointer", "id": format!("finger {finger}"), "parameters": kind, "actions": actions })
        });
        let actions: Vec<Value> = sources.collect();
        self.send("POST", "/actions", Some(&json!({ "actions": actions })));
        self.wait_for_frame();
    }

    /// Turns the wheel over a point of the window: by positive amounts towards the user.
    pub fn wheel(&self, (x, y): (i32, i32), amount: i32) {
        let turn = json!({ "type": "scroll", "x": x, "y": y, "deltaX": 0, "deltaY": amount });
        let source = json!({ "type": "wheel", "id": "wheel", "actions": [turn] });
        self.act(&source);
    }

    fn act(&self, source: &Value) {
        self.send("POST", "/actions", Some(&json!({ "actions": [source] })));
        self.wait_for_frame();
    }

    /// Until all is drawn that was under way.
    fn wait_for_frame(&self) {
        _ = self.script(
            "return new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(() => then(0))))",
        );
    }

    /// What a function's body returns; of a promise, what it comes to.
    #[must_use]
    pub fn script(&self, body: &str) -> Value {
        self.send("POST", "/execute/sync", Some(&json!({ "script": body, "args": [] })))
    }

    /// The same with an argument (`arguments[0]`).
    #[must_use]
    pub fn script_with(&self, body: &str, argument: &Value) -> Value {
        self.send("POST", "/execute/sync", Some(&json!({ "script": body, "args": [argument] })))
    }

    /// The texts of all elements that a CSS selector finds, in the order of the page.
    #[must_use]
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let body = "return [...document.querySelectorAll(arguments[0])].map((found) => found.textContent)";
        serde_json::from_value(self.script_with(body, &json!(selector))).expect("texts")
    }

    /// What the window shows, as a PNG in base64.
    #[must_use]
    pub fn screenshot(&self) -> String {
        self.send("GET", "/screenshot", None).as_str().expect("a picture").to_owned()
    }

    /// What the page has written to the console since it was asked last, and what the browser had to complain of.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        let said = self.send("POST", "/se/log", Some(&json!({ "type": "browser" })));
        let lines = said.as_array().into_iter().flatten();
        lines.filter_map(|line| line["message"].as_str().map(str::to_owned)).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            _ = self.wire.send("DELETE", &format!("/session/{}", self.session), None);
        }
        _ = self.driver.kill();
        _ = self.driver.wait();
    }
}

/// The port that a driver chose, which it says in words.
fn port(said: &mut impl BufRead) -> u16 {
    let lines = said.lines().map_while(Result::ok).filter(|line| line.contains("successfully"));
    let named = |line: String| line.rsplit_once(" on port ")?.1.trim_end_matches('.').parse().ok();
    lines.filter_map(named).next().expect("a driver that says on which port it listens")
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let places = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.into_iter().find(|place| place.is_file())
}
