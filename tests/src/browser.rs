//! A page in headless Chromium, driven over the DevTools protocol: what a user sees, clicks and types,
//! and all that must not happen meanwhile.

mod chromium;
mod input;

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use data_encoding::BASE64;
use serde_json::{Value, json};

use chromium::{Chromium, PATIENCE};
pub use input::{Held, Point};

/// One page, opened from disk.
pub struct Browser {
    chromium: Chromium,
    url: String,
    complaints: Vec<String>,
}

impl Browser {
    /// Opens `page` in a window of 1280 by 900 pixels that prefers light; none where there is no
    /// Chromium, which skips the test.
    pub fn open(page: &Utf8Path) -> Option<Self> {
        let mut browser = Self {
            chromium: Chromium::start()?,
            url: url_of(page),
            complaints: Vec::new(),
        };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser.resize(1280, 900);
        browser.prefer("light");
        let url = browser.url.clone();
        browser.call("Page.navigate", &json!({ "url": url }));
        browser.wait_for("document.readyState === 'complete'");
        browser.frame();
        Some(browser)
    }

    /// Calls a method of the protocol.
    fn call(&mut self, method: &str, params: &Value) -> Value {
        let (url, complaints) = (&self.url, &mut self.complaints);
        self.chromium.ask(method, params, &mut |event| {
            complaints.extend(complaint(event, url));
        })
    }

    /// The value of a JavaScript expression in the page.
    pub fn eval(&mut self, expression: &str) -> Value {
        let params = json!({
            "expression": expression,
            "returnByValue": true,
            "awaitPromise": true,
        });
        let result = self.call("Runtime.evaluate", &params);
        let failed = &result["exceptionDetails"];
        assert!(failed.is_null(), "{expression}: {failed}");
        result["result"]["value"].clone()
    }

    pub fn number(&mut self, expression: &str) -> f64 {
        let value = self.eval(expression);
        let number = value.as_f64();
        number.unwrap_or_else(|| panic!("{expression} is {value}, not a number"))
    }

    pub fn text(&mut self, expression: &str) -> String {
        let value = self.eval(expression);
        let text = value.as_str().map(str::to_owned);
        text.unwrap_or_else(|| panic!("{expression} is {value}, not a text"))
    }

    /// How many pixels of a canvas have exactly the background colour of an element.
    pub fn painted_like(&mut self, canvas: &str, element: &str) -> f64 {
        // Read from a copy: reading the page's own canvas would make the browser warn of it.
        self.number(&format!(
            "(() => {{
                const canvas = document.querySelector({});
                const copy = new OffscreenCanvas(canvas.width, canvas.height);
                const context = copy.getContext('2d', {{ willReadFrequently: true }});
                context.drawImage(canvas, 0, 0);
                const pixels = context.getImageData(0, 0, copy.width, copy.height).data;
                const style = getComputedStyle(document.querySelector({}));
                const wanted = style.backgroundColor.match(/\\d+/g).map(Number).slice(0, 3);
                let count = 0;
                for (let i = 0; i < pixels.length; i += 4) {{
                    if (wanted.every((part, n) => pixels[i + n] === part)) count += 1;
                }}
                return count;
            }})()",
            json!(canvas),
            json!(element)
        ))
    }

    /// Waits until a JavaScript expression is true.
    pub fn wait_for(&mut self, condition: &str) {
        let begun = Instant::now();
        while self.eval(condition) != Value::Bool(true) {
            assert!(begun.elapsed() < PATIENCE, "never true: {condition}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until what was asked for is drawn.
    pub fn frame(&mut self) {
        self.eval(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
        );
    }

    /// Sets the size of the window, in CSS pixels.
    pub fn resize(&mut self, width: u32, height: u32) {
        let params = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.call("Emulation.setDeviceMetricsOverride", &params);
    }

    /// What the system is said to prefer: `light` or `dark`.
    pub fn prefer(&mut self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({ "features": features }),
        );
    }

    /// The page as it would be printed, as PDF.
    pub fn print(&mut self) -> Vec<u8> {
        let result = self.call("Page.printToPDF", &json!({ "printBackground": true }));
        decoded(&result)
    }

    /// Writes what is seen, or the whole page, to a PNG file: for people who look into a failure.
    pub fn screenshot(&mut self, path: &Path, whole: bool) {
        let result = self.call(
            "Page.captureScreenshot",
            &json!({ "captureBeyondViewport": whole }),
        );
        fs::write(path, decoded(&result)).unwrap();
    }

    /// Everything so far that a sound page does not do: errors and warnings on the console,
    /// exceptions, dialogs, and requests for anything but the page itself.
    pub fn complaints(&mut self) -> &[String] {
        // An answer comes after all that happened before the question.
        self.eval("0");
        &self.complaints
    }

    pub fn assert_sound(&mut self) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

/// What of an event a sound page at `url` does not cause.
fn complaint(event: &Value, url: &str) -> Option<String> {
    let params = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" => Some(format!("exception: {}", params["exceptionDetails"])),
        "Runtime.consoleAPICalled" if params["type"] != "log" => {
            Some(format!("console.{}: {}", params["type"], params["args"]))
        }
        "Log.entryAdded" => Some(format!("log: {}", params["entry"])),
        "Network.requestWillBeSent" if params["request"]["url"] != url => {
            Some(format!("request: {}", params["request"]["url"]))
        }
        "Page.javascriptDialogOpening" => Some(format!("dialog: {}", params["message"])),
        "Inspector.targetCrashed" => Some("the page crashed".to_owned()),
        _ => None,
    }
}

/// Windows paths have backslashes, and no slash before the drive.
fn url_of(page: &Utf8Path) -> String {
    let path = page.as_str().replace('\\', "/");
    format!("file:///{}", path.trim_start_matches('/'))
}

fn decoded(result: &Value) -> Vec<u8> {
    BASE64
        .decode(result["data"].as_str().unwrap().as_bytes())
        .unwrap()
}
