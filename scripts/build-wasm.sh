#!/usr/bin/env bash
# Builds one wasm binary into pkg/<name>/: scripts/build-wasm.sh simd128|scalar|relaxed|core|full|charts|details
# scalar and simd128 are the engine, full is simd128 with what reads and writes files, which scalar has too; relaxed is
# the kernels alone, since with relaxed SIMD training would not give the same bits; core is the simd128 engine with the
# methods of a first view only; charts and details draw, built for size.
# scripts/build.mjs builds all, by the steps that this does one after the other: `tools`, `compile <name>`, `finish <name>`.
set -euo pipefail
cd "$(dirname "$0")/.."

step=all
case "${1:-}" in tools | compile | finish) step=$1 && shift ;; esac

# What writes the JavaScript around a binary. Cargo lets others wait while one builds it.
bindgen() {
  CARGO_TARGET_DIR=target/bindgen cargo "$1" --quiet --locked --manifest-path scripts/bindgen/Cargo.toml "${@:2}"
}
if [ "$step" = tools ]; then
  bindgen build
  exit
fi

name=${1:?expected simd128, scalar, relaxed, core, full, charts or details}
# Two sets of flags with a target directory each: dependencies are compiled once for all binaries of a set, and the
# sets at the same time. What is in `own` is for the crate alone.
# Unrolled loops of unknown length cost 2 % of the bytes and gain nothing measurable; inlining less saves 4 % of the
# bytes for 3 % of the speed.
lean="-C llvm-args=-unroll-runtime=false -C llvm-args=-inline-threshold=75"
flags="-C target-feature=+simd128 $lean" own="" cargo="" opt="-O3 --enable-simd" set=simd128
case "$name" in
  core) feature=engine ;;
  simd128) feature=methods,kernels ;;
  full) feature=methods,kernels,files ;;
  relaxed) feature=kernels own="-C target-feature=+relaxed-simd" opt="-O3 --enable-simd --enable-relaxed-simd" ;;
  scalar) feature=methods,kernels,files own=$lean set=scalar flags="" opt="-O3" ;;
  # As a cdylib alone: where an rlib is asked for too, whatever is public stays in, 6 % of these binaries. The others
  # would get 1 % larger.
  charts | details) feature=$name set=scalar flags="" opt="-Oz" cargo='--crate-type cdylib --config profile.wasm.opt-level="z"' ;;
  *) echo "build-wasm: expected simd128, scalar, relaxed, core, full, charts or details, got $name" >&2; exit 2 ;;
esac
target="target/wasm-$set"
# Kept apart from the others of its set: the next one compiled replaces cargo's.
module="$target/$name.wasm"
out="pkg/$name"

compile() {
  # Paths of this machine do not belong into what visitors download.
  export CARGO_TARGET_DIR=$target
  export RUSTFLAGS="$flags --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo --remap-path-prefix=$PWD=."
  # shellcheck disable=SC2086
  cargo rustc --quiet --profile wasm --lib --target wasm32-unknown-unknown --no-default-features --features "$feature" $cargo -- $own
  cp "$target/wasm32-unknown-unknown/wasm/ddq_playground.wasm" "$module"
}

# What the finished files are made of, and what they are.
stamp() {
  cksum "$module" scripts/build-wasm.sh scripts/bindgen/Cargo.lock package-lock.json "$out/ddq_playground.js" "$out/ddq_playground_bg.wasm" 2>/dev/null
}

finish() {
  local wasm_opt=node_modules/.bin/wasm-opt terser=node_modules/.bin/terser tool
  for tool in "$wasm_opt" "$terser"; do
    [ -x "$tool" ] || { echo "build-wasm: $tool is missing; run: scripts/setup.sh npm" >&2; exit 1; }
  done
  if stamp | cmp -s - "$module.stamp"; then return; fi
  bindgen run -- "$module" "$out"
  # The generated glue is read by nobody, and comments and names are a third of it.
  "$terser" --module --compress --mangle --output "$out/ddq_playground.js" -- "$out/ddq_playground.js"
  # Below 1024 lies the stack's far end, which nothing addresses: wasm-opt may fold offsets into loads.
  # Kernels stay functions of their own: all inlined into one, the engine's compiler spills their vectors.
  # shellcheck disable=SC2086
  "$wasm_opt" $opt --one-caller-inline-max-function-size=50 --enable-bulk-memory --enable-mutable-globals --enable-nontrapping-float-to-int \
    --enable-sign-ext --enable-reference-types --enable-multivalue --strip-debug --strip-producers --strip-target-features --low-memory-unused \
    "$out/ddq_playground_bg.wasm" -o "$out/ddq_playground_bg.wasm"
  stamp > "$module.stamp"
  printf 'built %s: %s bytes, %s gzipped\n' "$out" "$(wc -c < "$out/ddq_playground_bg.wasm")" \
    "$(gzip -9 -c "$out/ddq_playground_bg.wasm" | wc -c)"
}

if [ "$step" != finish ]; then compile; fi
if [ "$step" != compile ]; then finish; fi
