//! Files for JS: data read from bytes, and sessions made from what was read.

use super::object::Builder;
use super::reader::{Mistake, Reader};
use super::session::{WebSession, options};
use crate::data::{Dataset, SampleShape, Split};
use crate::error::Error;
use crate::io::dataset::scaling::{Distinct, Scaling};
use crate::io::dataset::{
    self, Column, File, Format, Header, Imported, LabelColumn, Look, Request,
};
use crate::io::onnx;
use crate::nn::network::Network;
use crate::session::{Assets, ModelFile, OwnModel, Session, run_bytes};
use js_sys::{Array, Float32Array, Float64Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

/// Formats by the names that JS gives them; the first is for "find out".
const FORMATS: [(&str, Option<Format>); 4] = [
    ("auto", None),
    ("csv", Some(Format::Csv)),
    ("idx", Some(Format::Idx)),
    ("npy", Some(Format::Npy)),
];
const HEADERS: [(&str, Header); 3] = [
    ("auto", Header::Auto),
    ("yes", Header::Present),
    ("no", Header::Absent),
];

/// A file handed in as { name, bytes }.
struct Given {
    name: String,
    bytes: Vec<u8>,
}

impl Given {
    fn read(field: &Reader<'_>) -> Option<Self> {
        field.is_there().then(|| Self {
            name: field.field("name").text(),
            bytes: bytes(&field.field("bytes")),
        })
    }

    fn file(&self) -> File<'_> {
        File {
            name: &self.name,
            bytes: &self.bytes,
        }
    }
}

/// Reads data: { file, labels?, test?, testLabels?, format?, label?, exclude?, header?, delimiter? } with files as
/// { name, bytes }. The result is a plain object that `withAssets` takes as data; of a file that is refused
/// { error, table? } with what a CSV looks like.
#[wasm_bindgen(js_name = importData)]
pub fn import_data(request: JsValue) -> Result<JsValue, JsError> {
    let mistake = Mistake::default();
    let root = Reader::new("importData", request, &mistake);
    let given = ["labels", "test", "testLabels"].map(|name| Given::read(&root.field(name)));
    let main = Given::read(&root.field("file"));
    let delimiter = root.field("delimiter");
    let letter = delimiter.text();
    if letter.len() > 1 {
        delimiter.wrong("one ASCII character");
    }
    let label = root.field("label");
    let exclude = root.field("exclude");
    let exclude = if exclude.is_there() {
        exclude.list(column)
    } else {
        Vec::new()
    };
    let (format, header) = (root.field("format"), root.field("header"));
    let read = (
        FORMATS[format.choice(&FORMATS.map(|(name, _)| name))].1,
        HEADERS[header.choice(&HEADERS.map(|(name, _)| name))].1,
        label_column(&label),
    );
    let (format, header, label) = mistake.check(read)?;
    let main = main.ok_or_else(|| JsError::new("importData: expected a file, got none"))?;
    let [labels, test, test_labels] = &given;
    let request = Request {
        labels: labels.as_ref().map(Given::file),
        test: test.as_ref().map(Given::file),
        test_labels: test_labels.as_ref().map(Given::file),
        format,
        label,
        exclude,
        header,
        delimiter: letter.bytes().next(),
        ..Request::new(main.file())
    };
    let Imported {
        format,
        data,
        scaling,
        distinct,
        look,
    } = &match dataset::import(&request) {
        Ok(imported) => imported,
        Err(error) => {
            let table = dataset::look(&request);
            let table = table.map(|look| looks(Builder::new(), &look).build());
            let object = Builder::new().set("error", error.to_string());
            return Ok(object.maybe("table", table).build());
        }
    };
    let name = FORMATS.iter().find(|(_, known)| *known == Some(*format));
    let object =
        described(data, scaling, distinct).set("format", name.map_or("", |(name, _)| name));
    Ok(looks(object, look).build())
}

/// Images that the browser decoded: { pixels, channels, height, width, labels, classNames } as data.
#[wasm_bindgen(js_name = importPixels)]
pub fn import_pixels(images: JsValue) -> Result<JsValue, JsError> {
    let mistake = Mistake::default();
    let root = Reader::new("importImages", images, &mistake);
    let read = (
        bytes(&root.field("pixels")),
        shape(&root),
        bytes(&root.field("labels")),
        names(&root.field("classNames")),
    );
    let (pixels, shape, labels, names) = mistake.check(read)?;
    let (data, scaling) = dataset::from_pixels(&pixels, shape, labels, names)?;
    let object = described(&data, &scaling, &[]).set("format", "images");
    Ok(looks(object, &Look::default()).build())
}

/// Bytes that a run with these options takes on data of { channels, height, width }, `classes` and `samples`.
#[wasm_bindgen(js_name = runBytes)]
pub fn bytes_of_run(
    names: Vec<String>,
    values: Vec<JsValue>,
    data: JsValue,
) -> Result<f64, JsError> {
    let mistake = Mistake::default();
    let root = Reader::new("data", data, &mistake);
    let read = (
        shape(&root.field("shape")),
        self::names(&root.field("classNames")),
        size(&root.field("samples")) + size(&root.field("testSamples")),
    );
    let (shape, class_names, samples) = mistake.check(read)?;
    let data = Dataset {
        name: crate::data::OWN,
        shape,
        classes: class_names.len(),
        class_names,
        train: Split::default(),
        test: Split::default(),
    };
    let options = options(names, values)?;
    Ok(run_bytes(&options, &data, samples)? as f64)
}

#[wasm_bindgen(js_class = WasmSession)]
impl WebSession {
    /// { name, bytes } of the file of an own model; null without one.
    #[wasm_bindgen(js_name = modelFile)]
    pub fn model_file(&self) -> JsValue {
        let file = self.session.model_file();
        file.map_or(JsValue::NULL, |file| {
            let object = Builder::new().set("name", file.name.as_str());
            object.bytes("bytes", &file.bytes).build()
        })
    }

    /// As the constructor, with what else a session can be made from: { checkpoint?, latencies?, data?,
    /// model?: { name, bytes } }.
    #[wasm_bindgen(js_name = withAssets)]
    pub fn with_assets(
        names: Vec<String>,
        values: Vec<JsValue>,
        assets: JsValue,
    ) -> Result<WebSession, JsError> {
        let mistake = Mistake::default();
        let root = Reader::new("session", assets, &mistake);
        let checkpoint = root.field("checkpoint");
        let checkpoint = checkpoint.is_there().then(|| bytes(&checkpoint));
        let latencies = root.field("latencies").list(|value| value.number());
        let data = root.field("data");
        let data = data.is_there().then(|| parts(&data));
        let model = Given::read(&root.field("model"));
        let (checkpoint, latencies, data, model) =
            mistake.check((checkpoint, latencies, data, model))?;
        // Read again from its bytes, which outlive a change of the binary.
        let model = model.map(|Given { name, bytes }| ModelFile { name, bytes });
        let model = model.map(|file| read_model(&file).map(|network| OwnModel { network, file }));
        let model = model.transpose()?;
        let options = options(names, values)?.with_latencies(latencies);
        let data = data.map(|(shape, names, train, test)| Dataset::own(shape, names, train, test));
        let assets = Assets {
            checkpoint: checkpoint.as_deref(),
            data: data.transpose()?,
            model,
        };
        let session = Session::new(options, assets)?;
        Ok(Self { session })
    }
}

/// The network in a model's file.
pub(super) fn read_model(file: &ModelFile) -> Result<Network, Error> {
    Ok(onnx::import(&file.name, &file.bytes)?.network)
}

/// Data as `importData` gave them.
fn parts(data: &Reader<'_>) -> (SampleShape, Vec<String>, Split, Split) {
    let test = data.field("test");
    let test = if test.is_there() {
        split(&test)
    } else {
        Split::default()
    };
    (
        shape(&data.field("shape")),
        names(&data.field("classNames")),
        split(data),
        test,
    )
}

fn split(part: &Reader<'_>) -> Split {
    Split {
        inputs: floats(&part.field("inputs")),
        labels: bytes(&part.field("labels")),
    }
}

fn shape(from: &Reader<'_>) -> SampleShape {
    SampleShape {
        channels: size(&from.field("channels")),
        height: size(&from.field("height")),
        width: size(&from.field("width")),
    }
}

/// A whole number from 0; what is larger than any size becomes the largest.
fn size(field: &Reader<'_>) -> usize {
    let number = field.number();
    if !(number >= 0.0 && number.trunc() == number) {
        field.wrong("a whole number from 0");
    }
    number as usize
}

fn names(list: &Reader<'_>) -> Vec<String> {
    list.list(|name| name.text())
}

fn bytes(field: &Reader<'_>) -> Vec<u8> {
    match field.value().dyn_ref::<Uint8Array>() {
        Some(array) => array.to_vec(),
        None => {
            field.wrong("a Uint8Array");
            Vec::new()
        }
    }
}

fn floats(field: &Reader<'_>) -> Vec<f32> {
    match field.value().dyn_ref::<Float32Array>() {
        Some(array) => array.to_vec(),
        None => {
            field.wrong("a Float32Array");
            Vec::new()
        }
    }
}

/// "last", the name of a column, or its place.
fn label_column(label: &Reader<'_>) -> LabelColumn {
    if !label.is_there() {
        return LabelColumn::Last;
    }
    match column(label) {
        Column::Index(index) => LabelColumn::Index(index),
        Column::Name(name) if name == "last" => LabelColumn::Last,
        Column::Name(name) => LabelColumn::Name(name),
    }
}

/// The name of a column, or its place.
fn column(named: &Reader<'_>) -> Column {
    if named.value().as_f64().is_some() {
        Column::Index(size(named))
    } else {
        Column::Name(named.text())
    }
}

/// Data with their counts, their scaling and the different values of each column.
fn described(data: &Dataset, scaling: &Scaling, columns: &[Distinct]) -> Builder {
    let classes = data.classes;
    let counts = |part: &Split| -> Vec<u32> {
        let counts = part.counts(classes);
        counts.into_iter().map(|count| count as u32).collect()
    };
    let SampleShape {
        channels,
        height,
        width,
    } = data.shape;
    let shape = Builder::new()
        .set("channels", channels)
        .set("height", height)
        .set("width", width);
    let test = (!data.test.is_empty()).then(|| {
        let part = Builder::new().floats("inputs", &data.test.inputs);
        part.bytes("labels", &data.test.labels).build()
    });
    Builder::new()
        .set("kind", "own")
        .set("shape", shape.build())
        .set("classes", classes)
        .set("classNames", texts(&data.class_names))
        .set("samples", data.train.len())
        .set("testSamples", data.test.len())
        .counts("balance", &counts(&data.train))
        .counts("testBalance", &counts(&data.test))
        .floats("inputs", &data.train.inputs)
        .bytes("labels", &data.train.labels)
        .maybe("test", test)
        .set("normalization", normalization(scaling))
        .set("distinct", distinct(columns))
}

fn distinct(columns: &[Distinct]) -> JsValue {
    let counts = |count: fn(&Distinct) -> usize| -> Vec<u32> {
        columns.iter().map(|column| count(column) as u32).collect()
    };
    Builder::new()
        .counts("found", &counts(|column| column.found))
        .counts("kept", &counts(|column| column.kept))
        .build()
}

fn normalization(scaling: &Scaling) -> JsValue {
    match scaling {
        Scaling::Pixels => Builder::new()
            .set("kind", "pixels")
            .set("low", Float64Array::from([0.0].as_slice()))
            .set("high", Float64Array::from([255.0].as_slice()))
            .build(),
        Scaling::Range { low, high } => Builder::new()
            .set("kind", if low.len() == 1 { "range" } else { "columns" })
            .set("low", Float64Array::from(low.as_slice()))
            .set("high", Float64Array::from(high.as_slice()))
            .build(),
    }
}

fn looks(object: Builder, look: &Look) -> Builder {
    let rows: Array = look
        .rows
        .iter()
        .map(|row| JsValue::from(texts(row)))
        .collect();
    let delimiter = look.delimiter.map(|byte| char::from(byte).to_string());
    object
        .set("columns", texts(&look.columns))
        .maybe("label", look.label.map(|label| label as f64))
        .counts(
            "excluded",
            &look
                .excluded
                .iter()
                .map(|&at| at as u32)
                .collect::<Vec<_>>(),
        )
        .set("rows", rows)
        .set("header", look.header)
        .maybe("delimiter", delimiter)
}

fn texts(texts: &[String]) -> Array {
    texts.iter().map(|text| JsValue::from_str(text)).collect()
}
