#!/usr/bin/env bash
# wasm-pack test in a headless browser for one build: scripts/test-wasm.sh simd128|scalar|relaxed [chrome|firefox|safari] [cargo options]
# safari is WebKit's MiniBrowser, as GNU/Linux has it.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${1:?expected simd128, scalar or relaxed}
browser=${2:-chrome}
case "$build" in
  scalar) flags="" ;;
  simd128) flags="-C target-feature=+simd128" ;;
  relaxed) flags="-C target-feature=+simd128,+relaxed-simd" ;;
  *) echo "test-wasm: expected simd128, scalar or relaxed, got $build" >&2; exit 2 ;;
esac
export RUSTFLAGS="$flags" DDQ_EXPECT_BUILD="$build"

driver_of() {
  command -v "$1" || { echo "test-wasm: $1 is missing; run: scripts/setup.sh $2" >&2; exit 1; }
}
case "$browser" in
  chrome)
    driver=$(driver_of chromedriver browser)
    exec wasm-pack test --headless --chrome --chromedriver "$driver" "${@:3}"
    ;;
  firefox)
    driver=$(driver_of geckodriver browsers)
    exec wasm-pack test --headless --firefox --geckodriver "$driver" "${@:3}"
    ;;
  safari)
    driver=$(driver_of WebKitWebDriver browsers)
    mini=$(dpkg -L libwebkit2gtk-4.1-0 | grep '/MiniBrowser$')
    # wasm-bindgen's runner reads what a browser is started with from webdriver.json where it stands.
    kept=$(mktemp)
    cp webdriver.json "$kept"
    trap 'cp "$kept" webdriver.json; rm "$kept"' EXIT
    printf '{"webkitgtk:browserOptions":{"binary":"%s","args":["--automation"]}}\n' "$mini" > webdriver.json
    # In a container its own sandbox has no rights to be made.
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1 xvfb-run -a wasm-pack test --headless --safari --safaridriver "$driver" "${@:3}"
    ;;
  *) echo "test-wasm: expected chrome, firefox or safari, got $browser" >&2; exit 2 ;;
esac
