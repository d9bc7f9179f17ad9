#!/usr/bin/env bash
# wasm-pack test in headless Chrome for one build: scripts/test-wasm.sh simd128|scalar|relaxed [cargo options]
set -euo pipefail
cd "$(dirname "$0")/.."

build=${1:?expected simd128, scalar or relaxed}
case "$build" in
  scalar) flags="" ;;
  simd128) flags="-C target-feature=+simd128" ;;
  relaxed) flags="-C target-feature=+simd128,+relaxed-simd" ;;
  *) echo "test-wasm: expected simd128, scalar or relaxed, got $build" >&2; exit 2 ;;
esac

driver=$(command -v chromedriver) || { echo "test-wasm: chromedriver is missing; run: scripts/setup.sh browser" >&2; exit 1; }
export RUSTFLAGS="$flags" DDQ_EXPECT_BUILD="$build" CARGO_TARGET_DIR="target/test-$build"
wasm-pack test --headless --chrome --chromedriver "$driver" "${@:2}"
