#!/usr/bin/env bash
# Builds one wasm binary into pkg/<name>/: scripts/build-wasm.sh simd128|scalar|relaxed|core|full|charts|details
# scalar and simd128 are the engine, full is simd128 with what reads and writes files, which scalar has too; relaxed is the kernels alone, since with relaxed SIMD training would not give the
# same bits; core is the simd128 engine with the methods of a first view only; charts and details draw, built for size.
set -euo pipefail
cd "$(dirname "$0")/.."

name=${1:?expected simd128, scalar, relaxed, core, full, charts or details}
feature=methods,kernels features="" opt="-O3"
# Unrolled loops of unknown length cost 2 % of the bytes and gain nothing measurable; inlining less saves 4 % of the
# bytes for 3 % of the speed.
codegen="-C llvm-args=-unroll-runtime=false -C llvm-args=-inline-threshold=75"
case "$name" in
  scalar) feature=methods,kernels,files ;;
  full) feature=methods,kernels,files features="-C target-feature=+simd128" opt="-O3 --enable-simd" ;;
  simd128 | core) features="-C target-feature=+simd128" opt="-O3 --enable-simd" ;;
  relaxed) features="-C target-feature=+simd128,+relaxed-simd" opt="-O3 --enable-simd --enable-relaxed-simd" ;;
  charts | details) feature=$name opt="-Oz" codegen=""; export CARGO_PROFILE_RELEASE_OPT_LEVEL=z ;;
  *) echo "build-wasm: expected simd128, scalar, relaxed, core, full, charts or details, got $name" >&2; exit 2 ;;
esac
if [ "$name" = core ]; then feature=engine; fi
if [ "$name" = relaxed ]; then feature=kernels; fi

wasm_opt=node_modules/.bin/wasm-opt
for tool in "$wasm_opt" node_modules/.bin/terser; do
  [ -x "$tool" ] || { echo "build-wasm: $tool is missing; run: scripts/setup.sh npm" >&2; exit 1; }
done

# A target directory per binary: RUSTFLAGS that change would rebuild every dependency.
export CARGO_TARGET_DIR="target/wasm-$name"
# Paths of this machine do not belong into what visitors download.
features="$features $codegen --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo --remap-path-prefix=$PWD=."
RUSTFLAGS="$features" cargo build --release --lib --target wasm32-unknown-unknown --no-default-features --features "$feature"
module="$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/ddq_playground.wasm"
out="pkg/$name"
wasm-bindgen --target web --no-typescript --out-dir "$out" "$module"
# The generated glue is read by nobody, and comments and names are a third of it.
node_modules/.bin/terser --module --compress --mangle --output "$out/ddq_playground.js" -- "$out/ddq_playground.js"
# Below 1024 lies the stack's far end, which nothing addresses: wasm-opt may fold offsets into loads.
# Kernels stay functions of their own: all inlined into one, the engine's compiler spills their vectors.
# shellcheck disable=SC2086
"$wasm_opt" $opt --one-caller-inline-max-function-size=50 --enable-bulk-memory --enable-mutable-globals --enable-nontrapping-float-to-int \
  --enable-sign-ext --enable-reference-types --enable-multivalue --strip-debug --strip-producers --strip-target-features --low-memory-unused \
  "$out/ddq_playground_bg.wasm" -o "$out/ddq_playground_bg.wasm"
printf 'built %s: %s bytes, %s gzipped\n' "$out" "$(stat -c %s "$out/ddq_playground_bg.wasm")" \
  "$(gzip -9 -c "$out/ddq_playground_bg.wasm" | wc -c)"
