//! The C export, compiled and run.

use ddq_playground::io::export::export;
use ddq_playground::session::Session;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Little-endian numbers of N bytes.
pub fn word_bytes<const N: usize, T>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
    let words = bytes.chunks_exact(N);
    words.map(|word| read(word.try_into().unwrap())).collect()
}

/// What reads samples and writes logits, and looks once whether the class is that of the largest.
const LOGITS: &str = "\
#include \"STEM.c\"
#include <stdio.h>

int main(void)
{
    float x[UPPER_INPUTS], logits[UPPER_CLASSES];
    int first = 1;
    while (fread(x, sizeof x, 1, stdin) == 1) {
        STEM_logits(x, logits);
        for (int i = 0; first && i < UPPER_CLASSES; i++)
            if (logits[i] > logits[STEM_class(x)])
                return 1;
        first = 0;
        fwrite(logits, sizeof logits, 1, stdout);
    }
    return 0;
}
";

/// What reads numbers and writes the sigmoid and the tanh of each, by the functions of the source.
const CURVES: &str = "\
#include \"STEM.c\"
#include <stdio.h>

int main(void)
{
    const activation_t how[2] = { { SIGMOID, 0.0f, 0.0f }, { TANH, 0.0f, 0.0f } };
    float x;
    while (fread(&x, sizeof x, 1, stdin) == 1)
        for (int i = 0; i < 2; i++) {
            float y = activated(x, &how[i]);
            fwrite(&y, sizeof y, 1, stdout);
        }
    return 0;
}
";

/// The logits that the C export of a session has for these samples.
pub fn run_c(session: &mut Session, place: &str, inputs: &[f32]) -> Vec<f32> {
    compiled(session, place, LOGITS, inputs)
}

/// Sigmoid and tanh of each number, as the C export of a session that has one of them computes them.
pub fn curves_of_c(session: &mut Session, place: &str, x: &[f32]) -> Vec<f32> {
    compiled(session, place, CURVES, x)
}

/// Compiles the C export, without a warning, into a program that reads floats and writes floats.
fn compiled(session: &mut Session, place: &str, main: &str, inputs: &[f32]) -> Vec<f32> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(place);
    fs::create_dir_all(&folder).unwrap();
    let mut stem = String::new();
    for kind in ["c-header", "c-source"] {
        let made = export(session, kind).unwrap_or_else(|error| panic!("{place}: {kind}: {error}"));
        stem = made.name[..made.name.len() - 2].to_owned();
        fs::write(folder.join(&made.name), &made.bytes).unwrap();
    }
    let main = main
        .replace("STEM", &stem)
        .replace("UPPER", &stem.to_ascii_uppercase());
    fs::write(folder.join("main.c"), main).unwrap();
    let bytes: Vec<u8> = inputs.iter().flat_map(|x| x.to_le_bytes()).collect();
    fs::write(folder.join("inputs"), bytes).unwrap();
    let strict = "-std=c99 -Wall -Wextra -Werror -pedantic -O2".split(' ');
    let compiled = Command::new("gcc")
        .args(strict)
        .args(["-o", "run", "main.c"])
        .current_dir(&folder)
        .output()
        .expect("gcc: install a C compiler to run this test");
    assert!(
        compiled.status.success(),
        "{place}: {}",
        String::from_utf8_lossy(&compiled.stderr)
    );
    let ran = Command::new(folder.join("run"))
        .stdin(fs::File::open(folder.join("inputs")).unwrap())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{place}");
    word_bytes(&ran.stdout, f32::from_le_bytes)
}

/// The class of each sample, the first of equals.
pub fn classes(logits: &[f32], count: usize) -> Vec<usize> {
    let best = |z: &[f32]| (1..count).fold(0, |best, i| if z[i] > z[best] { i } else { best });
    logits.chunks_exact(count).map(best).collect()
}
