//! A value of a record that is decoded when somebody looks at it, and written as it was as long as nobody changes it.

use std::sync::OnceLock;

use super::Value;

/// Has a text, a value, or both, which then say the same.
#[derive(Clone)]
pub(super) struct Cell {
    text: Option<Box<str>>,
    value: OnceLock<Value>,
}

impl Cell {
    /// `text` is valid JSON without blanks around it. Line ends in it are left out: a record stays on one line.
    pub(super) fn undecoded(text: &str) -> Self {
        let text = if memchr::memchr2(b'\n', b'\r', text.as_bytes()).is_some() {
            text.replace(['\n', '\r'], "").into()
        } else {
            text.into()
        };
        Self { text: Some(text), value: OnceLock::new() }
    }

    pub(super) fn of(value: Value) -> Self {
        Self { text: None, value: value.into() }
    }

    /// The text, if nobody could have changed the value.
    pub(super) fn written(&self) -> Option<&str> {
        self.text.as_deref()
    }

    pub(super) fn get(&self) -> &Value {
        self.value.get_or_init(|| self.text.as_deref().map_or(Value::Null, Value::decode))
    }

    /// Whoever takes this may change the value, so its text is forgotten.
    pub(super) fn get_mut(&mut self) -> &mut Value {
        if let Some(text) = self.text.take()
            && self.value.get().is_none()
        {
            self.value = Value::decode(&text).into();
        }
        self.value.get_or_init(|| Value::Null);
        // Nobody else can have taken it meanwhile: this is the only reference.
        match self.value.get_mut() {
            Some(value) => value,
            None => unreachable!("the value was set just now"),
        }
    }

    /// Lets somebody look inside and change something, who says whether he did: if not, the text stays.
    pub(super) fn edit(&mut self, change: impl FnOnce(&mut Value) -> bool) -> bool {
        let mut value = match self.value.take() {
            Some(value) => value,
            None => self.text.as_deref().map_or(Value::Null, Value::decode),
        };
        let changed = change(&mut value);
        if changed {
            self.text = None;
        }
        self.value = value.into();
        changed
    }

    pub(super) fn into_value(self) -> Value {
        let Self { text, value } = self;
        value.into_inner().unwrap_or_else(|| text.as_deref().map_or(Value::Null, Value::decode))
    }

    pub(super) fn write_json(&self, out: &mut String) {
        match &self.text {
            Some(text) => out.push_str(text),
            None => self.get().write_json(out),
        }
    }
}
