//! plotters on a canvas of the page.
//!
//! plotters-canvas does the same, and writes colours and font sizes with the standard library's float
//! formatting: an eighth of what the first view downloads. Here colours are "#rrggbbaa" and sizes whole numbers.

use core::f64::consts::{FRAC_PI_2, TAU};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontTransform,
};
use std::convert::Infallible;
use web_sys::CanvasRenderingContext2d;

type Outcome = Result<(), DrawingErrorKind<Infallible>>;

/// Draws in the context's own units.
pub(crate) struct CanvasBackend<'a> {
    context: &'a CanvasRenderingContext2d,
    size: (u32, u32),
}

impl<'a> CanvasBackend<'a> {
    /// A backend that reports `size` units of width and height.
    pub fn new(context: &'a CanvasRenderingContext2d, size: (u32, u32)) -> Self {
        Self { context, size }
    }

    fn fill_with(&self, color: BackendColor) {
        self.context.set_fill_style_str(&css(color));
    }

    fn stroke_with<S: BackendStyle>(&self, style: &S) {
        self.context.set_stroke_style_str(&css(style.color()));
        self.context.set_line_width(f64::from(style.stroke_width()));
    }

    fn trace(&self, points: impl IntoIterator<Item = BackendCoord>) {
        self.context.begin_path();
        for (index, (x, y)) in points.into_iter().enumerate() {
            let (x, y) = (f64::from(x), f64::from(y));
            if index == 0 {
                self.context.move_to(x, y);
            } else {
                self.context.line_to(x, y);
            }
        }
    }

    fn finish<S: BackendStyle>(&self, style: &S, fill: bool) {
        if fill {
            self.fill_with(style.color());
            self.context.fill();
        } else {
            self.stroke_with(style);
            self.context.stroke();
        }
    }
}

/// "#rrggbbaa".
fn css(color: BackendColor) -> String {
    let (red, green, blue) = color.rgb;
    let mut text = String::with_capacity(9);
    text.push('#');
    for byte in [red, green, blue, (color.alpha * 255.0).round() as u8] {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[digit as usize]));
        }
    }
    text
}

impl DrawingBackend for CanvasBackend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Outcome {
        Ok(())
    }

    fn present(&mut self) -> Outcome {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Outcome {
        self.fill_with(color);
        self.context.fill_rect(f64::from(x), f64::from(y), 1.0, 1.0);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Outcome {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Outcome {
        self.context.begin_path();
        let (x, y) = (f64::from(from.0), f64::from(from.1));
        self.context
            .rect(x, y, f64::from(to.0) - x, f64::from(to.1) - y);
        self.finish(style, fill);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Outcome {
        self.trace(path);
        self.finish(style, false);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Outcome {
        let (x, y) = (f64::from(center.0), f64::from(center.1));
        self.context.begin_path();
        // Fails for negative radii only, and this one is unsigned.
        let _ = self.context.arc(x, y, f64::from(radius), 0.0, TAU);
        self.finish(style, fill);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Outcome {
        self.trace(corners);
        self.finish(style, true);
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Outcome {
        let quarters = match style.transform() {
            FontTransform::None => 0.0,
            FontTransform::Rotate90 => 1.0,
            FontTransform::Rotate180 => 2.0,
            FontTransform::Rotate270 => 3.0,
        };
        let anchor = style.anchor();
        self.context.set_text_align(match anchor.h_pos {
            HPos::Left => "start",
            HPos::Center => "center",
            HPos::Right => "end",
        });
        self.context.set_text_baseline(match anchor.v_pos {
            VPos::Top => "top",
            VPos::Center => "middle",
            VPos::Bottom => "bottom",
        });
        let size = (style.size().round() as u32).to_string();
        let font = [
            style.style().as_str(),
            " ",
            &size,
            "px ",
            style.family().as_str(),
        ]
        .concat();
        self.context.set_font(&font);
        self.fill_with(style.color());
        self.context.save();
        // These fail for numbers that are not finite only.
        let _ = self.context.translate(f64::from(x), f64::from(y));
        let _ = self.context.rotate(quarters * FRAC_PI_2);
        let _ = self.context.fill_text(text, 0.0, 0.0);
        self.context.restore();
        Ok(())
    }
}
