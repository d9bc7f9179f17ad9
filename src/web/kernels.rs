//! Deployed networks, and the packed products for JS to measure: JS owns the clock, a call here repeats a product.

use super::object::Builder;
use crate::kernels::deployed::{Deployed, Layer};
use crate::kernels::{BUILD, Coding, FloatMatrix, Method, PackedMatrix, Product};
use crate::rng::{Rng, Stream};
use js_sys::{Array, Float32Array};
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

/// A network on packed codes, owned by JS until `free`.
#[wasm_bindgen(js_name = WasmDeployed)]
pub struct WebDeployed {
    deployed: Deployed,
}

#[wasm_bindgen(js_class = WasmDeployed)]
impl WebDeployed {
    /// From the bytes of `WasmSession.deployment`.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: &[u8]) -> Result<WebDeployed, JsError> {
        Ok(Self {
            deployed: Deployed::new(bytes)?,
        })
    }

    /// Logits of samples, sample by sample.
    pub fn predict(&mut self, x: &[f32]) -> Result<Float32Array, JsError> {
        Ok(Float32Array::from(self.deployed.predict(x)?.as_slice()))
    }

    /// Predicts again and again, for JS to time.
    pub fn run(&mut self, x: &[f32], repetitions: u32) -> Result<(), JsError> {
        for _ in 0..repetitions {
            self.deployed.predict(x)?;
        }
        Ok(())
    }

    /// { inputs, classes, sizeBytes, layers: [{ name, kind, bits, codebook, method, sizeBits, macs, rows, columns }] }
    pub fn describe(&self) -> JsValue {
        let layers: Array = self.deployed.layers().map(layer).collect();
        Builder::new()
            .set("inputs", self.deployed.inputs())
            .set("classes", self.deployed.classes())
            .set("sizeBytes", self.deployed.size_bytes() as f64)
            .set("layers", layers)
            .build()
    }
}

fn layer(layer: &Layer) -> JsValue {
    let method = match layer.method() {
        Some(Method::Stream) => "scalar",
        Some(Method::LaneRows) => "rows in 16-bit lanes",
        Some(Method::Lookup) => "partial sums looked up",
        Some(Method::Fields) => "fields of bytes",
        Some(Method::Bytes) => "bytes",
        Some(Method::Words) => "16-bit words",
        None => "depthwise",
    };
    Builder::new()
        .set("name", layer.name())
        .set("kind", layer.kind())
        .set("bits", layer.bits())
        .set("codebook", layer.has_codebook())
        .set("method", method)
        .set("sizeBits", layer.stored_bits() as f64)
        .set("macs", layer.macs())
        .set("rows", layer.rows())
        .set("columns", layer.columns())
        .build()
}

enum Kind {
    Float(FloatMatrix),
    Packed(Box<Product>),
}

/// One matrix with random contents, and a vector to multiply.
#[wasm_bindgen(js_name = WasmKernel)]
pub struct WebKernel {
    kind: Kind,
    x: Vec<f32>,
    y: Vec<f32>,
}

#[wasm_bindgen(js_class = WasmKernel)]
impl WebKernel {
    /// `bits` 32: the float32 product; 1 to 8: packed codes, with a codebook (up to 4 bits) or uniform.
    #[wasm_bindgen(constructor)]
    pub fn new(
        rows: usize,
        columns: usize,
        bits: usize,
        codebook: bool,
    ) -> Result<WebKernel, JsError> {
        let mut rng = Rng::new(1, Stream::Test);
        let x = (0..columns).map(|_| rng.normal()).collect();
        let kind = if bits == 32 {
            let values = (0..rows * columns)
                .map(|_| rng.uniform_in(-1.0, 1.0))
                .collect();
            Kind::Float(FloatMatrix::new(values, rows, columns))
        } else {
            let codes: Vec<u8> = (0..rows * columns)
                .map(|_| rng.below(1 << bits) as u8)
                .collect();
            let coding = if codebook {
                Coding::Codebook(core::array::from_fn(|i| (i * i / 2) as u8))
            } else {
                Coding::Uniform
            };
            let matrix = PackedMatrix::new(&codes, rows, columns, bits, coding)?;
            Kind::Packed(Box::new(Product::new(matrix, 0.1, -1.0)))
        };
        Ok(Self {
            kind,
            x,
            y: vec![0.0; rows],
        })
    }

    /// Multiplies `repetitions` times; the first output, so that no product is left out.
    pub fn run(&mut self, repetitions: u32) -> f32 {
        for _ in 0..repetitions {
            match &mut self.kind {
                Kind::Float(matrix) => matrix.multiply(&self.x, &mut self.y),
                Kind::Packed(product) => product.multiply(&self.x, &mut self.y),
            }
        }
        self.y.first().copied().unwrap_or(0.0)
    }

    /// Where x lies in the module's memory: `columns` f32 that the next `run` multiplies.
    #[wasm_bindgen(getter = xAddress)]
    pub fn x_address(&self) -> usize {
        self.x.as_ptr().addr()
    }

    /// Where y lies in the module's memory: `rows` f32 of the last `run`.
    #[wasm_bindgen(getter = yAddress)]
    pub fn y_address(&self) -> usize {
        self.y.as_ptr().addr()
    }

    /// Bytes of the matrix that a product reads.
    #[wasm_bindgen(getter)]
    pub fn bytes(&self) -> usize {
        match &self.kind {
            Kind::Float(matrix) => 4 * matrix.rows() * matrix.columns(),
            Kind::Packed(product) => product.matrix().working_bytes(),
        }
    }
}

/// The build of the kernels: "scalar", "simd128" or "relaxed".
#[wasm_bindgen(js_name = kernelBuild)]
pub fn kernel_build() -> String {
    BUILD.to_owned()
}

/// Reads a buffer again and again: what the memory gives.
#[wasm_bindgen(js_name = WasmLoads)]
pub struct WebLoads {
    words: Vec<u32>,
}

#[wasm_bindgen(js_class = WasmLoads)]
impl WebLoads {
    /// A buffer of `bytes`, rounded down to whole words.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: usize) -> Self {
        Self {
            words: (0..bytes as u32 / 4).collect(),
        }
    }

    /// Loads and adds everything `repetitions` times.
    pub fn run(&self, repetitions: u32) -> u32 {
        let once = |seed: u32| {
            self.words
                .iter()
                .fold(seed, |sum, &word| sum.wrapping_add(word ^ seed))
        };
        (0..repetitions).fold(0, |sum, seed| sum ^ once(seed))
    }
}
