//! The hand of the user: pointer, wheel and keys, as the browser gets them from the system.

use serde_json::{Value, json};

use super::Browser;

/// A point of the window, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// A key that is held down meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    Nothing,
    Ctrl,
    Shift,
}

impl Held {
    fn bits(self) -> u32 {
        match self {
            Self::Nothing => 0,
            Self::Ctrl => 2,
            Self::Shift => 8,
        }
    }
}

impl Browser {
    /// The middle of the first element that a CSS selector finds, scrolled into view.
    pub fn middle_of(&mut self, selector: &str) -> Point {
        let center = self.eval(&format!(
            "(() => {{
                const element = document.querySelector({});
                element.scrollIntoView({{ block: 'nearest', behavior: 'instant' }});
                const box = element.getBoundingClientRect();
                return [box.left + box.width / 2, box.top + box.height / 2];
            }})()",
            json!(selector)
        ));
        let at = |axis: usize| center[axis].as_f64().unwrap();
        Point { x: at(0), y: at(1) }
    }

    /// Presses the first element that a CSS selector finds.
    pub fn press(&mut self, selector: &str) {
        let point = self.middle_of(selector);
        self.click(point);
    }

    pub fn click(&mut self, point: Point) {
        self.drag(point, point, Held::Nothing);
    }

    pub fn hover(&mut self, point: Point) {
        self.pointer("mouseMoved", point, Held::Nothing, json!({}));
        self.frame();
    }

    /// Moves the pointer from one point to another with its button down.
    pub fn drag(&mut self, from: Point, to: Point, held: Held) {
        let pressed = json!({ "button": "left", "buttons": 1, "clickCount": 1 });
        self.pointer("mouseMoved", from, held, json!({}));
        self.pointer("mousePressed", from, held, pressed.clone());
        if from != to {
            let middle = Point {
                x: (from.x + to.x) / 2.0,
                y: (from.y + to.y) / 2.0,
            };
            for point in [middle, to] {
                self.pointer("mouseMoved", point, held, pressed.clone());
            }
        }
        let released = json!({ "button": "left", "buttons": 0, "clickCount": 1 });
        self.pointer("mouseReleased", to, held, released);
        self.frame();
    }

    /// Turns the wheel: down and right are positive, as in the browser's own events.
    pub fn wheel(&mut self, point: Point, (right, down): (f64, f64), held: Held) {
        let params = json!({ "deltaX": right, "deltaY": down });
        self.pointer("mouseWheel", point, held, params);
        self.frame();
    }

    fn pointer(&mut self, kind: &str, point: Point, held: Held, mut params: Value) {
        params["type"] = json!(kind);
        params["x"] = json!(point.x);
        params["y"] = json!(point.y);
        params["modifiers"] = json!(held.bits());
        self.call("Input.dispatchMouseEvent", &params);
    }

    /// Presses a key, by the name that its event has: `ArrowLeft`, `Escape`, `+`.
    pub fn key(&mut self, key: &str) {
        let mut params = json!({ "type": "keyDown", "key": key });
        if key.chars().count() == 1 {
            params["text"] = json!(key);
        }
        self.call("Input.dispatchKeyEvent", &params);
        self.call(
            "Input.dispatchKeyEvent",
            &json!({ "type": "keyUp", "key": key }),
        );
        self.frame();
    }

    /// Types a text into what has the focus.
    pub fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", &json!({ "text": text }));
        self.frame();
    }
}
