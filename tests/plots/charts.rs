//! Every other chart.

use crate::svg::*;
use ddq_playground::plot::*;

fn histogram() -> Histogram {
    let mut quantized = vec![0.0; 64];
    (quantized[16], quantized[32], quantized[48]) = (100.0, 400.0, 100.0);
    Histogram {
        min: -1.0,
        max: 1.0,
        latent: (0..64).map(|i| (32 - i32::abs(i - 32)) as f32).collect(),
        quantized,
        levels: vec![-0.5, 0.0, 0.5],
        range_min: -0.5,
        range_max: 0.5,
        color: color(BLUE),
        quantized_color: color(RED),
        numbers: Numbers::Shown,
    }
}

#[test]
fn a_histogram_shows_both_distributions_levels_and_range() {
    for (width, height) in [(180, 90), (600, 260)] {
        let drawn = elements(&histogram(), width, height);
        let bars = of(&drawn, "rect", RED);
        assert_eq!(bars.len(), 3);
        let ratio = bars[0].number("height") / bars[1].number("height");
        assert!(
            (ratio - 0.5).abs() < 0.02,
            "square roots of counts: {ratio}"
        );
        assert_eq!(of(&drawn, "polygon", BLUE)[0].points().len(), 66);
        assert_eq!(
            of(&drawn, "polyline", RED).len(),
            3,
            "a tick for each level"
        );
        let brackets = of(&drawn, "polyline", "#111111");
        assert_eq!(brackets.len(), 2);
        let at = |i: usize| brackets[i].points()[1].0 / f64::from(width);
        assert!(at(0) > 0.2 && at(0) < 0.3 && at(1) > 0.7 && at(1) < 0.8);
        assert!(words(&drawn).contains(&"−0.5") && words(&drawn).contains(&"0.5"));
    }
    let bare = Histogram {
        numbers: Numbers::Hidden,
        ..histogram()
    };
    assert!(words(&elements(&bare, 180, 60)).is_empty());
}

#[test]
fn the_staircase_steps_at_midpoints() {
    let levels = vec![-0.6, -0.2, 0.0, 0.8];
    let stairs = Staircase {
        min: -1.0,
        max: 1.0,
        levels,
        raw_levels: vec![-0.7, -0.5, 0.5],
        color: color(RED),
        latent: vec![1.0, 4.0, 1.0],
    };
    let drawn = elements(&stairs, 300, 240);
    let long = of(&drawn, "polyline", RED)
        .into_iter()
        .map(Element::points)
        .max_by_key(Vec::len)
        .expect("a staircase");
    assert_eq!(long.len(), 8);
    let (left, right) = (long[0].0, long[7].0);
    for (pair, threshold) in long[1..7].chunks(2).zip([-0.4, -0.1, 0.4]) {
        assert_eq!(pair[0].0, pair[1].0);
        let x = (pair[0].0 - left) / (right - left) * 2.0 - 1.0;
        assert!((x - threshold).abs() < 0.005, "{x} {threshold}");
    }
    assert_eq!(of(&drawn, "polygon", RED)[0].points().len(), 5);
}

#[test]
fn merged_levels_show_as_blocks() {
    let raw: Vec<f32> = (0..16).map(|i| i as f32 * 0.1).collect();
    let merged: Vec<f32> = raw
        .chunks(4)
        .map(|block| block.iter().sum::<f32>() / 4.0)
        .collect();
    let drawn = elements(
        &Levels {
            raw_levels: raw,
            levels: merged,
            color: color(RED),
        },
        300,
        200,
    );
    assert_eq!(
        of(&drawn, "polyline", RED).len(),
        4,
        "a bar for each effective level"
    );
    assert_eq!(
        of(&drawn, "circle", "#777777").len(),
        16,
        "a faint dot for each merged level"
    );
    assert_eq!(
        of(&drawn, "rect", RED).len(),
        2,
        "every other block is shaded"
    );
}

#[test]
fn gates_that_are_on_are_solid() {
    let gates = Gates {
        logits: vec![0.3, 0.1, 0.0, -0.2],
        on: vec![1, 1, 1, 0],
        color: color(RED),
        threshold: 0.0,
    };
    let drawn = elements(&gates, 300, 160);
    assert_eq!(of(&drawn, "rect", RED).len(), 3);
    let hollow = of(&drawn, "polyline", RED);
    assert_eq!(hollow.len(), 1);
    assert_eq!(hollow[0].points().len(), 5);
    assert!(words(&drawn).contains(&"3 on") && words(&drawn).contains(&"4 off"));
}

#[test]
fn bars_are_as_long_as_their_values() {
    let bar = |label: &str, value: f64| Bar {
        label: label.to_owned(),
        value,
        low: value * 0.9,
        high: value * 1.1,
        color: color(RED),
    };
    let bars = Bars {
        label: "time (µs)".to_owned(),
        bars: vec![bar("float32", 120.0), bar("4 bit", 30.0)],
    };
    let drawn = elements(&bars, 400, 120);
    let lengths: Vec<f64> = of(&drawn, "rect", RED)
        .iter()
        .map(|bar| bar.number("width"))
        .collect();
    assert!((lengths[0] / lengths[1] - 4.0).abs() < 0.05, "{lengths:?}");
    for word in ["float32", "4 bit", "120", "30", "time (µs)"] {
        assert!(
            words(&drawn).contains(&word),
            "{word} is missing in {:?}",
            words(&drawn)
        );
    }
}

#[test]
fn a_bars_number_is_not_written_where_its_error_bar_ends() {
    let wide = |label: &str, value: f64, high: f64| Bar {
        label: label.to_owned(),
        value,
        low: value / 2.0,
        high,
        color: color(RED),
    };
    let bars = Bars {
        label: "times float32".to_owned(),
        bars: vec![wide("8 bit", 2.0, 2.5), wide("4 bit", 3.0, 9.0)],
    };
    let drawn = elements(&bars, 400, 120);
    let place = |number: &str| {
        let text = drawn
            .iter()
            .find(|element| element.tag == "text" && element.text.trim() == number)
            .unwrap();
        (text.number("x"), text.get("text-anchor"))
    };
    // One column at the right edge: a number is read as its bar's, not as the end of its error bar.
    assert_eq!(place("2"), place("3"));
    assert_eq!(place("3").1, "end");
}

#[test]
fn a_scatter_has_its_symbols_errors_and_frontier() {
    let cloud = |symbol| Cloud {
        label: "DDQ".to_owned(),
        color: color(RED),
        symbol,
        x: vec![1.0, 10.0, 0.0],
        y: vec![0.5, 0.9, 0.9],
        y_error: vec![0.1],
        labels: vec!["2 bit".to_owned()],
    };
    let front = Front {
        x: vec![1.0, 10.0],
        y: vec![0.5, 0.9],
        color: color(BLUE),
    };
    for (symbol, tag) in [
        (Symbol::Disc, "circle"),
        (Symbol::Ring, "circle"),
        (Symbol::Square, "rect"),
        (Symbol::Diamond, "polygon"),
        (Symbol::Triangle, "polygon"),
    ] {
        let scatter = Scatter {
            x_scale: XScale::Log,
            series: vec![cloud(symbol)],
            front: Some(front.clone()),
            ..Scatter::default()
        };
        let drawn = elements(&scatter, 500, 240);
        assert_eq!(
            of(&drawn, tag, RED).len(),
            3,
            "{symbol:?}: two points and the legend; 0 has no place"
        );
        assert_eq!(of(&drawn, "polyline", RED).len(), 1, "one error bar");
        assert!(of(&drawn, "polyline", BLUE).len() > 10, "a dashed frontier");
        assert!(words(&drawn).contains(&"2 bit") && words(&drawn).contains(&"DDQ"));
    }
}
