//! Numbers and words that no chart may stumble over.

use crate::svg::*;
use ddq_playground::plot::*;

/// Every chart made of the same awkward numbers.
fn awkward(values: &[f32]) -> Vec<Box<dyn Chart>> {
    let first = values.first().map_or(f64::NAN, |&value| f64::from(value));
    let last = values.last().map_or(f64::NAN, |&value| f64::from(value));
    let list = values.to_vec();
    let red = color(RED);
    let mut charts: Vec<Box<dyn Chart>> = Vec::new();
    for y_scale in [YScale::Linear, YScale::Integer, YScale::Log] {
        for dash in [Dash::Solid, Dash::Dashed] {
            let path = if dash == Dash::Solid {
                Path::Straight
            } else {
                Path::Stepped
            };
            let one = Series {
                label: "one".to_owned(),
                dash,
                path,
                ..line(values, values)
            };
            let time: Vec<f32> = (0..values.len()).map(|i| i as f32).collect();
            let band = Band {
                x: time.clone(),
                low: list.clone(),
                high: list.clone(),
                color: red,
            };
            let marker = Marker {
                across: Across::Y,
                at: first,
                label: "m".to_owned(),
                color: red,
                dash,
            };
            charts.push(Box::new(Lines {
                y_scale,
                y_min: (dash == Dash::Dashed).then_some(first),
                y_max: (dash == Dash::Dashed).then_some(last),
                series: vec![one, line(&time, values)],
                bands: vec![band],
                markers: vec![marker],
                cursor_x: Some(last),
                faint_from: Some(first),
                ..Lines::default()
            }));
        }
    }
    let (latent, quantized, levels, raw_levels) =
        (list.clone(), list.clone(), list.clone(), list.clone());
    let (range_min, range_max, min, max) = (first, last, first, last);
    charts.push(Box::new(Histogram {
        min,
        max,
        latent,
        quantized,
        levels,
        range_min,
        range_max,
        color: red,
        quantized_color: red,
        numbers: Numbers::Shown,
    }));
    let (latent, levels) = (list.clone(), list.clone());
    charts.push(Box::new(Staircase {
        min,
        max,
        levels,
        raw_levels,
        color: red,
        latent,
    }));
    charts.push(Box::new(Levels {
        raw_levels: list.clone(),
        levels: vec![],
        color: red,
    }));
    charts.push(Box::new(Levels {
        raw_levels: vec![],
        levels: list.clone(),
        color: red,
    }));
    charts.push(Box::new(Gates {
        logits: list.clone(),
        on: vec![],
        color: red,
        threshold: last,
    }));
    let bars = list.iter().map(|&v| Bar {
        label: String::new(),
        value: v.into(),
        low: first,
        high: last,
        color: red,
    });
    charts.push(Box::new(Bars {
        label: String::new(),
        bars: bars.collect(),
    }));
    for x_scale in [XScale::Linear, XScale::Log] {
        let cloud = Cloud {
            label: "c".to_owned(),
            color: red,
            symbol: Symbol::Cross,
            x: list.clone(),
            y: list.clone(),
            y_error: list.clone(),
            labels: vec!["l".to_owned()],
        };
        let front = Some(Front {
            x: list.clone(),
            y: list.clone(),
            color: red,
        });
        charts.push(Box::new(Scatter {
            x_scale,
            series: vec![cloud],
            front,
            ..Scatter::default()
        }));
    }
    charts
}

#[test]
fn no_numbers_and_no_size_make_a_chart_panic_or_write_what_is_no_number() {
    let cases: [&[f32]; 11] = [
        &[],
        &[0.0],
        &[-3.0],
        &[2.0, 2.0, 2.0],
        &[f32::NAN, f32::NAN],
        &[0.0, f32::NAN, 1.0],
        &[f32::NEG_INFINITY, 0.0, f32::INFINITY],
        &[-3.4e38, 3.4e38, 1.0, 0.0],
        &[1e-40, 2e-40],
        &[5.0, 4.0, -1.0, 3.0],
        &[1e30, 1.0000001e30],
    ];
    for values in cases {
        for chart in awkward(values) {
            for (width, height) in [(0, 0), (1, 1), (20, 10), (180, 90), (600, 260)] {
                let document = svg(&sheet(width, height), &*chart);
                assert!(
                    document.ends_with("</svg>\n"),
                    "{values:?} {width}×{height}"
                );
                assert!(
                    !document.contains("NaN") && !document.contains("inf"),
                    "{values:?}: {document}"
                );
                assert!(
                    document.len() < 300_000,
                    "{values:?} {width}×{height}: {} bytes",
                    document.len()
                );
            }
        }
    }
}

#[test]
fn labels_cannot_break_out_of_the_document() {
    let label = "<script>\"&'".to_owned();
    let drawn = svg(
        &sheet(600, 260),
        &chart(vec![Series {
            label,
            ..line(&[0.0, 1.0], &[0.0, 1.0])
        }]),
    );
    assert!(!drawn.contains("<script"));
    assert!(drawn.contains("&lt;script&gt;&quot;&amp;"));
}
