#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ddq_playground_fuzz::find("pixels")(bytes);
});
