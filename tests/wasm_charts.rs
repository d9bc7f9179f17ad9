//! The drawing functions on a real canvas, in the browser.
#![cfg(target_arch = "wasm32")]

use ddq_playground::web::{charts, details};
use js_sys::{Function, JSON};
use wasm_bindgen::{JsCast, JsError, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

type Drawing = fn(JsValue, JsValue) -> Result<(), JsError>;

const THEME: &str = r##""theme":{"ink":"#101010","muted":"#606060","grid":"#dddddd","background":"#ffffff","font":"sans-serif"}"##;

fn canvas() -> JsValue {
    let code =
        "const c = document.createElement('canvas'); c.width = 300; c.height = 200; return c;";
    Function::new_no_args(code).call0(&JsValue::NULL).unwrap()
}

/// Pixels that are not transparent.
fn inked(canvas: &JsValue) -> f64 {
    let code = "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; \
        let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i] > 0) n++; return n;";
    Function::new_with_args("c", code)
        .call1(&JsValue::NULL, canvas)
        .unwrap()
        .as_f64()
        .unwrap()
}

fn spec(fields: &str) -> JsValue {
    JSON::parse(&format!("{{{THEME},{fields}}}")).unwrap()
}

const ALL: [(&str, Drawing, &str); 7] = [
    (
        "lines",
        charts::draw_lines,
        r##""xLabel":"epoch","series":[{"label":"a","color":"#ff0000","stepped":true,"x":[0,1,2],"y":[1,null,3]}],
        "markers":[{"axis":"y","at":2,"color":"#00ff00"}],"bands":[{"x":[0,1],"low":[0,0],"high":[1,2],"color":"#0000ff"}]"##,
    ),
    (
        "histogram",
        charts::draw_histogram,
        r##""min":-1,"max":1,"latent":[1,5,2],"quantized":[0,8,0],"levels":[-0.5,0.5],
        "rangeMin":-0.5,"rangeMax":0.5,"color":"#777777","quantizedColor":"#0b5f62""##,
    ),
    (
        "staircase",
        details::draw_staircase,
        r##""min":-1,"max":1,"levels":[-0.5,0,0.5],"color":"#0b5f62""##,
    ),
    (
        "levels",
        details::draw_levels,
        r##""rawLevels":[-1,-0.5,0.5,1],"levels":[-0.75,0.75],"color":"#0b5f62""##,
    ),
    (
        "gates",
        details::draw_gates,
        r##""logits":[0.9,0.1,-0.2],"on":[1,1,0],"color":"#0b5f62""##,
    ),
    (
        "bars",
        details::draw_bars,
        r##""bars":[{"label":"a","value":3,"low":2,"high":4,"color":"#0b5f62"}]"##,
    ),
    (
        "scatter",
        |canvas, spec| {
            details::draw_scatter(canvas, spec).map(|places| assert_eq!(places.len(), 4))
        },
        r##""logX":true,"series":[{"label":"a","color":"#0b5f62","marker":"diamond","x":[1,10],"y":[1,2],"yError":[0.1,0.2]}],
        "front":{"x":[1,10],"y":[1,2],"color":"#000000"}"##,
    ),
];

#[wasm_bindgen_test]
fn every_chart_leaves_ink_on_a_canvas() {
    for (name, draw, fields) in ALL {
        let canvas = canvas();
        draw(canvas.clone(), spec(fields)).unwrap_or_else(|_| panic!("{name} was refused"));
        let pixels = inked(&canvas);
        assert!(pixels > 200.0, "{name} left {pixels} pixels");
    }
}

#[wasm_bindgen_test]
fn a_wrong_spec_names_the_field_and_leaves_the_picture() {
    let canvas = canvas();
    charts::draw_lines(canvas.clone(), spec(ALL[0].2))
        .ok()
        .unwrap();
    let before = inked(&canvas);
    let wrong = spec(r##""series":[{"color":"red","x":[0],"y":[0]}]"##);
    let error = JsValue::from(charts::draw_lines(canvas.clone(), wrong).err().unwrap());
    let text = String::from(error.unchecked_ref::<js_sys::Error>().message());
    assert!(
        text.contains("lines") && text.contains("series") && text.contains("color"),
        "{text}"
    );
    assert_eq!(inked(&canvas), before);
    let error = charts::draw_lines(JsValue::from_str("no canvas"), spec(ALL[0].2))
        .err()
        .unwrap();
    let text = String::from(
        JsValue::from(error)
            .unchecked_ref::<js_sys::Error>()
            .message(),
    );
    assert!(text.contains("HTMLCanvasElement"), "{text}");
}

#[wasm_bindgen_test]
fn pixels_have_four_bytes_each_and_mix_colours_by_probability() {
    let list = |text: &str| JSON::parse(text).unwrap();
    let pixels = details::matrix_pixels(
        list("[0,1,1,0]"),
        2,
        2,
        "#ffffff".into(),
        "#000000".into(),
        None,
    );
    let pixels = pixels.ok().unwrap().0;
    assert_eq!(pixels.len(), 16);
    assert_eq!((pixels[0], pixels[4], pixels[7]), (255, 0, 255));
    let sure = details::surface_pixels(
        list("[20,-20,-20,20]"),
        2,
        list(r##"["#ff0000","#0000ff"]"##),
        "#ffffff".into(),
    );
    let sure = sure.ok().unwrap().0;
    assert!(sure[0] > sure[2] && sure[4] < sure[6], "{sure:?}");
    assert_eq!(
        details::digit_pixels(list("[-1,1]"), "#000000".into(), "#ffffff".into())
            .ok()
            .unwrap()
            .0
            .len(),
        8
    );
    assert_eq!(details::structure(&[1, 0]).len(), 16);
}
