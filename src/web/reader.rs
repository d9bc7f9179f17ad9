//! Reads plain JS objects field by field. Missing fields and fields of the wrong type are named by their path.
//!
//! The first mistake is kept in a [`Mistake`] and reading continues with a placeholder; callers check once, at the
//! end, whether everything was valid. A `Result` for each of about a hundred fields would be a third of the binary.

use crate::error::Error;
#[cfg(any(feature = "charts", feature = "details"))]
use crate::plot::{Color, parse_color};
use crate::text;
use core::cell::OnceCell;
use js_sys::{Array, Reflect};
#[cfg(any(feature = "charts", feature = "details"))]
use js_sys::{ArrayBuffer, Float32Array};
use wasm_bindgen::{JsCast, JsError, JsValue};

/// The first mistake found in what a caller handed in.
#[derive(Default)]
pub(crate) struct Mistake(OnceCell<Error>);

impl Mistake {
    /// `value`, which was read without a mistake, or the error that names it.
    pub fn check<T>(self, value: T) -> Result<T, JsError> {
        match self.0.into_inner() {
            None => Ok(value),
            Some(error) => Err(error.into()),
        }
    }

    #[cfg(any(feature = "charts", feature = "details"))]
    /// Whether nothing was wrong so far.
    pub fn is_none(&self) -> bool {
        self.0.get().is_none()
    }
}

/// One value inside an object that a caller handed in, and the way to it.
pub(crate) struct Reader<'a> {
    value: JsValue,
    step: Step<'a>,
    mistake: &'a Mistake,
}

enum Step<'a> {
    Root(&'static str),
    Field(&'a Step<'a>, &'static str),
    Item(&'a Step<'a>, u32),
}

impl<'a> Reader<'a> {
    /// A value handed in under the name `what`.
    pub fn new(what: &'static str, value: JsValue, mistake: &'a Mistake) -> Self {
        let step = Step::Root(what);
        Self {
            value,
            step,
            mistake,
        }
    }

    pub fn value(&self) -> &JsValue {
        &self.value
    }

    /// The field `name`; it may be absent.
    pub fn field(&'a self, name: &'static str) -> Reader<'a> {
        Self {
            value: Reflect::get(&self.value, &JsValue::from_str(name))
                .unwrap_or(JsValue::UNDEFINED),
            step: Step::Field(&self.step, name),
            mistake: self.mistake,
        }
    }

    /// Whether the value is there: neither undefined nor null.
    pub fn is_there(&self) -> bool {
        !self.value.is_undefined() && !self.value.is_null()
    }

    /// What `read` makes of the elements of an array.
    pub fn list<T>(&self, mut read: impl FnMut(&Reader) -> T) -> Vec<T> {
        let Some(array) = self.value.dyn_ref::<Array>() else {
            self.wrong("an array");
            return Vec::new();
        };
        let mut list = Vec::new();
        for index in 0..array.length() {
            list.push(read(&Reader {
                value: array.get(index),
                step: Step::Item(&self.step, index),
                mistake: self.mistake,
            }));
        }
        list
    }

    pub fn number(&self) -> f64 {
        self.value.as_f64().unwrap_or_else(|| {
            self.wrong("a number");
            f64::NAN
        })
    }

    #[cfg(any(feature = "charts", feature = "details"))]
    /// The number, or nothing if the value is absent.
    pub fn optional_number(&self) -> Option<f64> {
        self.is_there().then(|| self.number())
    }

    #[cfg(any(feature = "charts", feature = "details"))]
    /// true or false; false if the value is absent.
    pub fn flag(&self) -> bool {
        let flag = self.value.as_bool();
        if flag.is_none() && self.is_there() {
            self.wrong("true or false");
        }
        flag.unwrap_or(false)
    }

    /// The text; empty if the value is absent.
    pub fn text(&self) -> String {
        let text = self.value.as_string();
        if text.is_none() && self.is_there() {
            self.wrong("a string");
        }
        text.unwrap_or_default()
    }

    #[cfg(any(feature = "charts", feature = "details"))]
    pub fn color(&self) -> Color {
        let color = self.value.as_string().as_deref().and_then(parse_color);
        color.unwrap_or_else(|| {
            self.wrong("a colour \"#rrggbb\" or \"#rrggbbaa\"");
            Color::default()
        })
    }

    #[cfg(any(feature = "charts", feature = "details"))]
    /// A typed array, or an array of numbers where undefined and null stand for "no value" (NaN).
    pub fn numbers(&self) -> Vec<f32> {
        if ArrayBuffer::is_view(&self.value) {
            return Float32Array::new(&self.value).to_vec();
        }
        if !self.value.is_array() {
            self.wrong("a Float32Array or an array of numbers");
            return Vec::new();
        }
        self.list(|item| {
            item.optional_number()
                .map_or(f32::NAN, |value| value as f32)
        })
    }

    #[cfg(any(feature = "charts", feature = "details"))]
    /// `numbers`, exactly `count` of them: as many as in the field named `like`.
    pub fn numbers_like(&self, count: usize, like: &str) -> Vec<f32> {
        let mut numbers = self.numbers();
        if numbers.len() != count {
            let _ = self.mistake.0.set(Error::Shape {
                what: self.step.path(),
                expected: format!("{count} numbers, as many as in {like}"),
                got: numbers.len().to_string(),
            });
            numbers.resize(count, f32::NAN);
        }
        numbers
    }

    /// The place of the value among `names`; 0 if it is absent.
    pub fn choice(&self, names: &[&str]) -> usize {
        let name = self.value.as_string().unwrap_or_default();
        let found = names.iter().position(|choice| *choice == name);
        if found.is_none() && self.is_there() {
            self.wrong(&("one of ".to_owned() + &names.join(", ")));
        }
        found.unwrap_or(0)
    }

    /// Notes that this value is not what it should be, unless something was wrong before.
    pub fn wrong(&self, expected: &str) {
        let _ = self.mistake.0.set(Error::InvalidOption {
            option: self.step.path(),
            got: describe(&self.value),
            allowed: expected.to_owned(),
        });
    }
}

impl Step<'_> {
    /// For example `lines.series[2].color`.
    fn path(&self) -> String {
        match self {
            Step::Root(name) => (*name).to_owned(),
            Step::Field(parent, name) => parent.path() + "." + name,
            Step::Item(parent, index) => parent.path() + "[" + &index.to_string() + "]",
        }
    }
}

/// A value in a few words.
fn describe(value: &JsValue) -> String {
    if let Some(text) = value.as_string() {
        return "\"".to_owned() + &text + "\"";
    }
    if let Some(number) = value.as_f64() {
        return text::number(number);
    }
    if value.is_null() {
        return "null".to_owned();
    }
    if value.is_array() {
        return "an array".to_owned();
    }
    value.js_typeof().as_string().unwrap_or_default()
}
