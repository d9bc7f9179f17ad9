//! Plain JS objects out of plain numbers.

#[cfg(feature = "engine")]
use js_sys::{Float32Array, Uint8Array, Uint32Array};
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// A JS object under construction.
pub struct Builder(Object);

impl Builder {
    /// An empty object.
    pub fn new() -> Self {
        Self(Object::new())
    }

    /// Sets a property. Setting on a plain extensible object cannot fail.
    pub fn set(self, name: &str, value: impl Into<JsValue>) -> Self {
        let done = Reflect::set(&self.0, &JsValue::from_str(name), &value.into());
        debug_assert!(done.is_ok(), "property {name} was not set");
        self
    }

    /// The finished object.
    pub fn build(self) -> JsValue {
        self.0.into()
    }
}

#[cfg(feature = "engine")]
impl Builder {
    /// A Float32Array.
    pub fn floats(self, name: &str, values: &[f32]) -> Self {
        self.set(name, Float32Array::from(values))
    }

    /// A Uint32Array.
    pub fn counts(self, name: &str, values: &[u32]) -> Self {
        self.set(name, Uint32Array::from(values))
    }

    /// A Uint8Array.
    pub fn bytes(self, name: &str, values: &[u8]) -> Self {
        self.set(name, Uint8Array::from(values))
    }

    /// A value, or null.
    pub fn maybe(self, name: &str, value: Option<impl Into<JsValue>>) -> Self {
        self.set(name, value.map_or(JsValue::NULL, Into::into))
    }
}
