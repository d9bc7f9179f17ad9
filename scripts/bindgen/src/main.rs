//! `bindgen MODULE.wasm FOLDER`: writes the module and the JavaScript that loads it into the folder, for a page.
use std::env::args;
use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let given: Vec<String> = args().skip(1).collect();
    let [module, folder] = given.as_slice() else {
        eprintln!(
            "bindgen: expected MODULE.wasm FOLDER, got {} arguments",
            given.len()
        );
        return ExitCode::from(2);
    };
    let made = Bindgen::new()
        .input_path(module)
        .out_name("ddq_playground")
        .typescript(false)
        .omit_default_module_path(false)
        .web(true)
        .and_then(|options| options.generate(folder));
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bindgen: {module}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
