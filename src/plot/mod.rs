//! The page's charts: plain numbers in, strokes on any plotters [`DrawingBackend`] out, so one
//! function draws on the page's canvas, into an exported SVG and in native tests.
//!
//! A chart is a plain struct that implements [`Chart`]; [`draw`] puts it on a backend, [`svg`] writes
//! it as a document. Lengths are CSS pixels: [`Sheet::scale`] says how many device pixels each has.
//! No chart panics, whatever its numbers: what is not finite is left out.

mod bars;
mod decimate;
mod frame;
mod gates;
mod histogram;
mod legend;
mod levels;
mod lines;
mod pen;
mod scatter;
mod staircase;
mod ticks;

pub mod pixels;

pub use bars::{Bar, Bars};
pub use gates::Gates;
pub use histogram::{Histogram, Numbers};
pub use levels::Levels;
pub use lines::{Across, Band, Lines, Marker, Path, Series, YScale};
pub use pen::{Chart, Color, Dash, Outcome, Pen, SUBPIXELS, Sheet, Theme, draw, parse_color, svg};
pub use plotters::backend::DrawingBackend;
pub use scatter::{Cloud, Front, Scatter, Symbol, XScale};
pub use staircase::Staircase;
