//! Line charts: paths, thinning, axes, names, markers.

use crate::svg::*;
use ddq_playground::plot::*;

#[test]
fn a_line_goes_through_its_points() {
    let drawn = elements(
        &chart(vec![line(&[0.0, 1.0, 4.0], &[0.0, 10.0, 5.0])]),
        600,
        260,
    );
    let lines = of(&drawn, "polyline", RED);
    assert_eq!(lines.len(), 1);
    let p = lines[0].points();
    assert_eq!(p.len(), 3);
    assert!(
        ((p[1].0 - p[0].0) / (p[2].0 - p[0].0) - 0.25).abs() < 0.002,
        "{p:?}"
    );
    assert!(
        ((p[2].1 - p[0].1) / (p[1].1 - p[0].1) - 0.5).abs() < 0.005,
        "{p:?}"
    );
    assert!(
        p[1].1 < p[2].1 && p[2].1 < p[0].1,
        "larger values are higher: {p:?}"
    );
}

#[test]
fn nan_breaks_a_line_and_a_lone_point_is_a_dot() {
    let x = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
    let drawn = elements(
        &chart(vec![line(&x, &[1.0, 2.0, f32::NAN, 3.0, f32::NAN, 2.0])]),
        600,
        260,
    );
    assert_eq!(of(&drawn, "polyline", RED).len(), 1);
    assert_eq!(of(&drawn, "circle", RED).len(), 2);
}

#[test]
fn zeros_break_a_line_on_a_log_axis_and_decades_are_evenly_spaced() {
    let mut lines = chart(vec![line(
        &[0.0, 1.0, 2.0, 3.0, 4.0],
        &[1.0, 0.1, 0.01, 0.0, 1.0],
    )]);
    lines.y_scale = YScale::Log;
    let drawn = elements(&lines, 600, 260);
    let p = of(&drawn, "polyline", RED)[0].points();
    assert_eq!(p.len(), 3);
    assert!(
        ((p[1].1 - p[0].1) - (p[2].1 - p[1].1)).abs() <= 0.5,
        "{p:?}"
    );
    assert_eq!(of(&drawn, "circle", RED).len(), 1);
    assert!(words(&drawn).contains(&"0.1"), "{:?}", words(&drawn));
}

#[test]
fn many_points_are_thinned_without_losing_extremes() {
    let n = 100_000;
    let x: Vec<f32> = (0..n).map(|i| i as f32).collect();
    let y: Vec<f32> = (0..n)
        .map(|i| if i == 77_777 { 50.0 } else { (i % 7) as f32 })
        .collect();
    let drawn = elements(&chart(vec![line(&x, &y)]), 600, 260);
    let p = of(&drawn, "polyline", RED)[0].points();
    assert!(p.len() > 600 && p.len() <= 4 * 600, "{} points", p.len());
    let (low, high) = (
        p.iter().map(|p| p.1).fold(0.0, f64::max),
        p.iter().map(|p| p.1).fold(1e9, f64::min),
    );
    let usual = p[10].1.min(p[11].1);
    assert!(
        high < usual - 100.0,
        "the one high value is gone: {high} {usual} {low}"
    );
}

#[test]
fn a_step_holds_its_value_until_the_next_point() {
    let mut steps = line(&[0.0, 10.0, 20.0], &[8.0, 4.0, 2.0]);
    steps.path = Path::Stepped;
    let drawn = elements(&chart(vec![steps]), 600, 260);
    let p = of(&drawn, "polyline", RED)[0].points();
    assert_eq!(p.len(), 5);
    assert_eq!((p[0].1, p[2].1), (p[1].1, p[3].1));
    assert_eq!((p[1].0, p[3].0), (p[2].0, p[4].0));
}

#[test]
fn stepped_lines_at_the_same_integer_lie_side_by_side() {
    let step = |text: &str| Series {
        color: color(text),
        path: Path::Stepped,
        ..line(&[0.0, 9.0], &[4.0, 4.0])
    };
    let mut lines = chart(vec![step(RED), step(BLUE)]);
    (lines.y_scale, lines.y_min, lines.y_max) = (YScale::Integer, Some(0.0), Some(8.0));
    let drawn = elements(&lines, 600, 260);
    let height = |text: &str| of(&drawn, "polyline", text)[0].points()[0].1;
    let distance = height(BLUE) - height(RED);
    assert!((1.5..4.0).contains(&distance), "{distance}");
    assert!(
        words(&drawn).iter().all(|word| !word.contains('.')),
        "{:?}",
        words(&drawn)
    );
}

#[test]
fn lines_end_at_the_border_of_a_fixed_range() {
    let mut lines = chart(vec![line(&[0.0, 1.0, 2.0, 3.0], &[0.0, 100.0, 0.0, 0.5])]);
    (lines.y_min, lines.y_max, lines.x_max) = (Some(0.0), Some(1.0), Some(2.5));
    let drawn = elements(&lines, 600, 260);
    let inside = |p: &(f64, f64)| p.0 >= 0.0 && p.0 <= 600.0 && p.1 >= 0.0 && p.1 <= 260.0;
    let pieces = of(&drawn, "polyline", RED);
    assert_eq!(pieces.len(), 2, "up to the border, and from there down");
    assert!(pieces.iter().all(|piece| piece.points().iter().all(inside)));
}

#[test]
fn a_dashed_line_is_many_short_ones() {
    let dashed = Series {
        dash: Dash::Dashed,
        ..line(&[0.0, 1.0], &[0.0, 0.0])
    };
    let drawn = elements(&chart(vec![dashed]), 600, 260);
    let dashes = of(&drawn, "polyline", RED);
    assert!(dashes.len() > 50, "{} dashes", dashes.len());
    for pair in dashes.windows(2) {
        let (first, second) = (pair[0].points(), pair[1].points());
        assert!((second[0].0 - first[0].0 - 8.0).abs() < 0.6 && first[1].0 - first[0].0 <= 5.3);
    }
}

#[test]
fn names_stand_beside_or_above_the_plot_never_on_it() {
    for (width, height) in [(600, 260), (320, 200), (180, 90)] {
        let named = |label: &str, end: f32| Series {
            label: label.to_owned(),
            ..line(&[0.0, 1.0], &[0.0, end])
        };
        let lines = chart(vec![
            named("alpha", 1.0),
            named("beta", 1.0),
            named("gamma", 0.9),
        ]);
        let drawn = elements(&lines, width, height);
        let plot: Vec<(f64, f64)> = of(&drawn, "polyline", RED)
            .iter()
            .flat_map(|line| line.points())
            .collect();
        let names: Vec<&Element> = drawn
            .iter()
            .filter(|e| ["alpha", "beta", "gamma"].contains(&e.text.as_str()))
            .collect();
        assert!(names.len() >= 2, "{width}: {:?}", words(&drawn));
        let top = of(&drawn, "polyline", "#DDDDDD")
            .iter()
            .map(|grid| grid.points()[0].1)
            .fold(1e9, f64::min);
        let right = of(&drawn, "polyline", "#DDDDDD")[0].points()[1].0;
        for name in names {
            assert!(
                name.number("x") > right || name.number("y") < top,
                "{width}: {} covers the plot",
                name.text
            );
        }
        assert!(!plot.is_empty());
    }
}

#[test]
fn names_that_find_no_room_are_counted() {
    let named = |i: usize| Series {
        label: format!("a long name {i}"),
        ..line(&[0.0, 1.0], &[0.0, 1.0])
    };
    let drawn = elements(&chart((0..30).map(named).collect()), 300, 200);
    let shown = words(&drawn)
        .iter()
        .filter(|word| word.starts_with("a long"))
        .count();
    assert!(
        shown >= 2 && words(&drawn).contains(&format!("+{}", 30 - shown).as_str()),
        "{:?}",
        words(&drawn)
    );
}

#[test]
fn what_is_still_to_come_is_veiled_above_its_lines() {
    let mut lines = chart(vec![line(&[0.0, 1.0, 2.0], &[1.0, 3.0, 2.0])]);
    let plain = elements(&lines, 600, 260);
    lines.faint_from = Some(1.0);
    let drawn = elements(&lines, 600, 260);
    assert_eq!(drawn.len(), plain.len() + 1);
    let course = of(&drawn, "polyline", RED)[0];
    let veil = (drawn.iter().rev())
        .find(|element| element.tag == "rect" && element.get("fill") == "#FFFFFF")
        .expect("a veil");
    let right = veil.number("x") + veil.number("width");
    assert!((veil.number("x") - course.points()[1].0).abs() < 0.5);
    assert!((right - course.points()[2].0).abs() < 0.5, "to the end");
    assert_eq!(veil.get("opacity"), "0.7");
    let place = |one: &Element| drawn.iter().position(|other| std::ptr::eq(one, other));
    assert!(place(veil) > place(course), "above the lines");

    lines.faint_from = Some(2.0);
    assert_eq!(
        elements(&lines, 600, 260).len(),
        plain.len(),
        "nothing left"
    );
}

#[test]
fn markers_bands_and_cursor_are_drawn() {
    let mut lines = chart(vec![line(&[0.0, 1.0, 2.0], &[1.0, 3.0, 2.0])]);
    let marker = |across, label: &str| Marker {
        across,
        at: 1.5,
        label: label.to_owned(),
        color: color(BLUE),
        dash: Dash::Solid,
    };
    lines.markers = vec![marker(Across::X, "frozen"), marker(Across::Y, "budget")];
    let band = [1.0, 2.0, 1.5];
    lines.bands = vec![Band {
        x: vec![0.0, 1.0, 2.0],
        low: vec![0.0; 3],
        high: band.to_vec(),
        color: color("#00ff0040"),
    }];
    lines.cursor_x = Some(0.9);
    let drawn = elements(&lines, 600, 260);
    let across = of(&drawn, "polyline", BLUE);
    assert_eq!(across.len(), 2);
    assert_eq!(across[0].points()[0].0, across[0].points()[1].0);
    assert_eq!(across[1].points()[0].1, across[1].points()[1].1);
    assert!(words(&drawn).contains(&"frozen") && words(&drawn).contains(&"budget"));
    assert_eq!(of(&drawn, "polygon", "#00FF00")[0].points().len(), 6);
    assert_eq!(
        of(&drawn, "circle", RED).len(),
        1,
        "the cursor marks the nearest point"
    );
    let nearest = of(&drawn, "circle", RED)[0].number("cx");
    assert!((nearest - of(&drawn, "polyline", RED)[0].points()[1].0).abs() < 0.5);
}
