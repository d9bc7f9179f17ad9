//! The C export, compiled and run.

use ddq_playground::io::export::export;
use ddq_playground::session::Session;
use std::fs;
use std::path::{Path, PathBuf};
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

/// The logits of the C export, compiled as C, linked to a C++ program that includes its header.
pub fn run_cpp(session: &mut Session, place: &str, inputs: &[f32]) -> Vec<f32> {
    let (folder, stem) = written(session, place);
    let main = LOGITS
        .replace("STEM.c", "STEM.h")
        .replace("stdio.h", "cstdio");
    write_main(&folder, "main.cpp", &main, &stem);
    compile(&folder, "gcc -std=c99 -c -o model.o", &format!("{stem}.c"));
    compile(&folder, "g++ -std=c++11 -o run", "main.cpp model.o");
    run(&folder, inputs)
}

/// The header of the C export as the compiler reads it: without comments, in one line.
pub fn header_tokens(session: &mut Session, place: &str) -> String {
    let (folder, stem) = written(session, place);
    let text = compile(&folder, "gcc -std=c99 -E -P", &format!("{stem}.h"));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Compiles the C export into a program that reads floats and writes floats.
fn compiled(session: &mut Session, place: &str, main: &str, inputs: &[f32]) -> Vec<f32> {
    let (folder, stem) = written(session, place);
    write_main(&folder, "main.c", main, &stem);
    compile(&folder, "gcc -std=c99 -o run", "main.c");
    run(&folder, inputs)
}

/// Writes the C export into a folder of its own; the folder, and what the files are named after.
fn written(session: &mut Session, place: &str) -> (PathBuf, String) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(place);
    fs::create_dir_all(&folder).unwrap();
    let mut stem = String::new();
    for kind in ["c-header", "c-source"] {
        let made = export(session, kind).unwrap_or_else(|error| panic!("{place}: {kind}: {error}"));
        stem = made.name[..made.name.len() - 2].to_owned();
        fs::write(folder.join(&made.name), &made.bytes).unwrap();
    }
    (folder, stem)
}

fn write_main(folder: &Path, file: &str, main: &str, stem: &str) {
    let main = main
        .replace("STEM", stem)
        .replace("UPPER", &stem.to_ascii_uppercase());
    fs::write(folder.join(file), main).unwrap();
}

/// Compiles without a warning; what the compiler wrote to its standard output.
fn compile(folder: &Path, command: &str, files: &str) -> String {
    let mut words = command.split(' ');
    let compiler = words.next().unwrap();
    let compiled = Command::new(compiler)
        .args("-Wall -Wextra -Werror -pedantic -O2".split(' '))
        .args(words)
        .args(files.split(' '))
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("{compiler}: install it to run this test ({error})"));
    let complaints = String::from_utf8_lossy(&compiled.stderr);
    assert!(
        compiled.status.success(),
        "{command} {files} in {}: {complaints}",
        folder.display()
    );
    String::from_utf8(compiled.stdout).unwrap()
}

fn run(folder: &Path, inputs: &[f32]) -> Vec<f32> {
    let bytes: Vec<u8> = inputs.iter().flat_map(|x| x.to_le_bytes()).collect();
    fs::write(folder.join("inputs"), bytes).unwrap();
    let ran = Command::new(folder.join("run"))
        .stdin(fs::File::open(folder.join("inputs")).unwrap())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", folder.display());
    word_bytes(&ran.stdout, f32::from_le_bytes)
}

/// The class of each sample, the first of equals.
pub fn classes(logits: &[f32], count: usize) -> Vec<usize> {
    let best = |z: &[f32]| (1..count).fold(0, |best, i| if z[i] > z[best] { i } else { best });
    logits.chunks_exact(count).map(best).collect()
}
