//! Searches and questions about a run's bits for JS: one bit more or less, another budget.

use super::object::Builder;
use super::session::{WebSession, options};
use crate::search::advice::{Advice, Alternative};
use crate::train::allocation::{Allocation, SearchReport};
use crate::train::deployment;
use js_sys::{Array, Float32Array, Uint8Array};
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

/// The network of a session at one moment, owned by JS until `free`.
#[wasm_bindgen(js_name = WasmAdvice)]
pub struct WebAdvice {
    advice: Advice,
    bits: Allocation,
}

#[wasm_bindgen(js_class = WasmAdvice)]
impl WebAdvice {
    /// The bits at which the network was taken, one layer's a bit less, as they are, and a bit more.
    pub fn why(&mut self, layer: usize) -> Result<Array, JsError> {
        let found = self.advice.why(layer, &self.bits)?;
        Ok(found.iter().map(alternative).collect())
    }

    /// Measures one more layer; the part that is done.
    pub fn prepare(&mut self) -> f64 {
        self.advice.prepare()
    }

    /// { bits, averageBits } of the best allocation within a budget.
    pub fn solve(&mut self, budget: f32) -> Result<JsValue, JsError> {
        let found = self.advice.solve(budget)?;
        Ok(Builder::new()
            .counts("bits", &found.weight)
            .set("averageBits", self.advice.average_bits(&found))
            .build())
    }
}

fn alternative(alternative: &Alternative) -> JsValue {
    Builder::new()
        .set("bits", alternative.bits)
        .set("loss", alternative.score.loss)
        .set("accuracy", alternative.score.accuracy)
        .set("bytes", alternative.bytes as f64)
        .build()
}

#[wasm_bindgen(js_class = WasmSession)]
impl WebSession {
    /// As the constructor, with latencies measured here: microseconds of each layer at 1 to 8 weight bits.
    #[wasm_bindgen(js_name = withLatencies)]
    pub fn with_latencies(
        names: Vec<String>,
        values: Vec<JsValue>,
        checkpoint: Option<Vec<u8>>,
        latencies: Vec<f64>,
    ) -> Result<WebSession, JsError> {
        let options = options(names, values)?.with_latencies(latencies);
        Self::of_options(options, checkpoint)
    }

    /// Ends a search with the best allocation so far.
    #[wasm_bindgen(js_name = endSearch)]
    pub fn end_search(&mut self) -> Result<(), JsError> {
        Ok(self.session.end_search()?)
    }

    /// The network as it stands, to be asked.
    pub fn advice(&mut self) -> Result<WebAdvice, JsError> {
        Ok(WebAdvice {
            advice: self.session.advice()?,
            bits: self.session.bits(),
        })
    }

    /// The network at the bits that `advice` solves for a budget, as bytes for `WasmDeployed`.
    #[wasm_bindgen(js_name = deploymentAt)]
    pub fn deployment_at(
        &self,
        advice: &mut WebAdvice,
        budget: f32,
    ) -> Result<Uint8Array, JsError> {
        let found = advice.advice.solve(budget)?;
        let bytes = deployment::write(advice.advice.quantized(&found), self.session.data())?;
        Ok(Uint8Array::from(bytes.as_slice()))
    }
}

/// Where a search stands, as a plain object.
pub(super) fn search(report: &SearchReport) -> JsValue {
    let evidence: Array = report
        .evidence
        .iter()
        .map(|row| JsValue::from(Float32Array::from(row.as_slice())))
        .collect();
    Builder::new()
        .set("step", report.step)
        .set("steps", report.steps)
        .floats("accuracies", &report.accuracies)
        .floats("errors", &report.errors)
        .counts("best", &report.best)
        .set("evidence", evidence)
        .set("evidenceName", report.evidence_name.as_ref())
        .build()
}
