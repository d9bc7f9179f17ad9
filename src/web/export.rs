//! Files to take away, for JS.

use super::object::Builder;
use super::session::WebSession;
use crate::io::export::{KINDS, export};
use js_sys::Array;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

#[wasm_bindgen(js_class = WasmSession)]
impl WebSession {
    /// { name, type, bytes, payloadBytes } of a kind.
    pub fn export(&mut self, kind: &str) -> Result<JsValue, JsError> {
        let file = export(&mut self.session, kind)?;
        Ok(Builder::new()
            .set("name", file.name)
            .set("type", file.media_type)
            .bytes("bytes", &file.bytes)
            .set("payloadBytes", file.payload_bytes as f64)
            .build())
    }
}

/// { kind, help, weights } of every kind.
#[wasm_bindgen(js_name = exportKinds)]
pub fn export_kinds() -> Array {
    let row = |row: &crate::io::export::Kind| {
        Builder::new()
            .set("kind", row.name)
            .set("help", row.help)
            .set("weights", row.weights)
            .build()
    };
    KINDS.iter().map(row).collect()
}
