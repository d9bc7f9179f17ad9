//! Loss scales and underflow for JS.

use super::object::Builder;
use crate::nn::precision::Report;
use crate::nn::precision::scaling::LayerGradient;
use js_sys::Array;
use wasm_bindgen::JsValue;

/// Scales and underflow as a plain object.
pub(super) fn precision(report: &Report) -> JsValue {
    let layers: Array = report.layers.iter().map(layer).collect();
    Builder::new()
        .set("lossScale", report.loss_scale)
        .set("lossUnderflow", report.loss_underflow)
        .set("skippedSteps", report.skipped_steps)
        .set("overflowSteps", report.overflow_steps)
        .set("layers", layers)
        .build()
}

fn layer(layer: &Option<LayerGradient>) -> JsValue {
    let Some(gradient) = layer else {
        return JsValue::NULL;
    };
    Builder::new()
        .set("scale", gradient.scale)
        .set("factor", gradient.factor)
        .set("underflow", gradient.underflow)
        .set("meanUnderflow", gradient.mean_underflow)
        .build()
}
