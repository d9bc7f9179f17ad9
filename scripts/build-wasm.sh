#!/usr/bin/env bash
# Builds one wasm binary into pkg/<name>/: scripts/build-wasm.sh simd128|scalar|relaxed|core|full|charts|details
# scalar and simd128 are the engine, full is simd128 with what reads and writes files, which scalar has too; relaxed is
# the kernels alone, since with relaxed SIMD training would not give the same bits; core is the simd128 engine with the
# methods of a first view only; charts and details draw, built for size.
# scripts/build.mjs takes the steps of it one by one: `bindgen` once, then for each binary `compile` and `finish`.
# `scripts/build-wasm.sh lint <name>` has clippy look at what the binary is made of.
set -euo pipefail
cd "$(dirname "$0")/.."

step=all
case "${1:-}" in bindgen | compile | finish | lint) step=$1 && shift ;; esac

# What writes the JavaScript around a binary. While one call compiles it, cargo lets the others wait.
bindgen() {
  CARGO_TARGET_DIR=target/bindgen cargo "$1" --quiet --locked --manifest-path scripts/bindgen/Cargo.toml "${@:2}"
}
if [ "$step" = bindgen ]; then
  bindgen build
  exit
fi

name=${1:?expected simd128, scalar, relaxed, core, full, charts or details}
# Dependencies are compiled once for all binaries with the same `flags`; those in `own` are for the crate alone. There are
# two target directories, so that two binaries can be compiled at a time.
# Unrolled loops of unknown length cost 2 % of the bytes and gain nothing measurable; inlining less saves 4 % of the
# bytes for 3 % of the speed.
lean="-C llvm-args=-unroll-runtime=false -C llvm-args=-inline-threshold=75"
directory=simd flags="-C target-feature=+simd128 $lean" own="" level=3 opt="-O3 --enable-simd"
case "$name" in
  core) features=engine ;;
  simd128) features=methods,kernels ;;
  full) features=methods,kernels,files ;;
  relaxed) features=kernels own="-C target-feature=+relaxed-simd" opt="$opt --enable-relaxed-simd" ;;
  scalar) features=methods,kernels,files directory=scalar flags=$lean opt="-O3" ;;
  charts | details) features=$name directory=scalar flags="" level=z opt="-Oz" ;;
  *) echo "build-wasm: expected simd128, scalar, relaxed, core, full, charts or details, got $name" >&2; exit 2 ;;
esac
crate=(--target wasm32-unknown-unknown --no-default-features --features "$features")

if [ "$step" = lint ]; then
  # With the flags of .cargo/config.toml, so that dependencies are checked once for all binaries.
  # shellcheck disable=SC2086
  exec cargo clippy --quiet --lib "${crate[@]}" -- -D warnings $own
fi

target="target/wasm-$directory"
# A copy, since the next binary that is compiled there replaces cargo's.
module="$target/$name.wasm"
out="pkg/$name"

# In a subshell: these flags are not for bindgen.
compile() (
  # Paths of this machine do not belong into what visitors download.
  export CARGO_TARGET_DIR=$target
  export RUSTFLAGS="$flags --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo --remap-path-prefix=$PWD=."
  export CARGO_PROFILE_RELEASE_OPT_LEVEL=$level
  # shellcheck disable=SC2086
  cargo rustc --quiet --release --lib "${crate[@]}" -- $own
  cp "$target/wasm32-unknown-unknown/release/ddq_playground.wasm" "$module"
)

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
  # Kernels stay functions of their own: all inlined into one, the engine's compiler spills their vectors. The names that
  # are stripped are kept in a file, by which tests find them.
  # shellcheck disable=SC2086
  "$wasm_opt" $opt --one-caller-inline-max-function-size=50 --enable-bulk-memory --enable-mutable-globals --enable-nontrapping-float-to-int \
    --enable-sign-ext --enable-reference-types --enable-multivalue "--symbolmap=$module.symbols" --strip-debug --strip-producers --strip-target-features --low-memory-unused \
    "$out/ddq_playground_bg.wasm" -o "$out/ddq_playground_bg.wasm"
  stamp > "$module.stamp"
  printf 'built %s: %s bytes, %s gzipped\n' "$out" "$(wc -c < "$out/ddq_playground_bg.wasm")" \
    "$(gzip -9 -c "$out/ddq_playground_bg.wasm" | wc -c)"
}

if [ "$step" != finish ]; then compile; fi
if [ "$step" != compile ]; then finish; fi
