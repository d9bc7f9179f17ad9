#!/usr/bin/env bash
# Installs what is missing of the named tools, and says in words what to do where it cannot.
#   scripts/setup.sh node wasm npm browser wasm-pack python hosts fuzz browsers
# Every step looks first and does nothing where the tool is there.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() {
  printf 'setup: %s is missing. %s\n' "$1" "$2" >&2
  exit 1
}

need_rust() {
  command -v cargo >/dev/null || missing "Rust (cargo)" "Install it from https://rustup.rs, then run this again."
}

# The target that the crates are compiled for.
setup_wasm() {
  need_rust
  if [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then return; fi
  command -v rustup >/dev/null || missing "the Rust target wasm32-unknown-unknown" "Install it with your Rust distribution."
  rustup target add wasm32-unknown-unknown
}

# A command from crates.io: its package, and options of cargo install. Unoptimized, which is compiled in half the time:
# these commands start others and wait.
install_command() {
  echo "setup: installing $1 (a few minutes, once)"
  CARGO_PROFILE_DEV_DEBUG=0 cargo install --debug --quiet "$@" || missing "$1" "Install it with: cargo install $*"
}

setup_node() {
  command -v npm >/dev/null || missing "Node.js with npm" "Install Node.js 20 or newer from https://nodejs.org."
  if [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" != true ]; then
    missing "Node.js 20 or newer" "Found $(node --version)."
  fi
}

# wasm-opt, the type checker and the browser driver library, as package-lock.json pins them.
setup_npm() {
  setup_node
  if ! cmp -s package-lock.json node_modules/.setup-lock; then
    npm ci --no-fund --no-audit --silent
    cp package-lock.json node_modules/.setup-lock
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Chromium and its driver: for the tests only.
setup_browser() {
  if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then return; fi
  command -v apt-get >/dev/null || missing "Chromium with ChromeDriver" "Install both and put them on PATH as chromium and chromedriver."
  echo "setup: installing chromium and chromium-driver"
  { as_root apt-get update -qq && as_root apt-get install -y -qq chromium chromium-driver >/dev/null; } ||
    missing "Chromium with ChromeDriver" "Install them with: apt-get install chromium chromium-driver"
}

# Firefox and WebKit with their drivers: for `make test-browsers` only.
setup_browsers() {
  need_rust
  if ! { command -v firefox && command -v WebKitWebDriver && command -v xvfb-run; } >/dev/null; then
    command -v apt-get >/dev/null || missing "Firefox or WebKit" "Install Firefox, WebKitGTK's MiniBrowser with WebKitWebDriver, and xvfb-run, and put them on PATH."
    echo "setup: installing firefox-esr, webkit2gtk-driver and xvfb"
    { as_root apt-get update -qq && as_root apt-get install -y -qq firefox-esr webkit2gtk-driver xvfb >/dev/null; } ||
      missing "Firefox or WebKit" "Install them with: apt-get install firefox-esr webkit2gtk-driver xvfb"
  fi
  if command -v geckodriver >/dev/null; then return; fi
  install_command geckodriver --locked
}

# wasm-pack, and the wasm-bindgen commands that it starts, in exactly the version of the crate.
setup_wasm_pack() {
  need_rust
  local version
  version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p}' Cargo.lock)
  if ! wasm-bindgen --version 2>/dev/null | grep -qF " $version"; then
    # Without --locked: the lock file inside the package names versions that are not always served.
    install_command wasm-bindgen-cli --version "$version"
  fi
  if ! command -v wasm-pack >/dev/null; then install_command wasm-pack --locked; fi
}

# cargo-fuzz, and the compiler that libFuzzer is built with: for `make fuzz` only.
setup_fuzz() {
  need_rust
  command -v c++ >/dev/null || missing "a C++ compiler (c++)" "libFuzzer is built with it: apt-get install g++"
  if command -v cargo-fuzz >/dev/null; then return; fi
  install_command cargo-fuzz --locked
}

# A Python environment of its own at $2 with what $1 lists; $3 says what that is. One that was moved here with the
# project does not count: its commands name the place where it was made.
python_environment() {
  local wanted=$1 here=$2 what=$3
  if cmp -s "$wanted" "$here/.setup-requirements" && grep -qF "$PWD/$here/" "$here/bin/pip"; then return; fi
  command -v python3 >/dev/null || missing "Python 3" "Install Python 3.11 or newer, then run this again."
  echo "setup: installing $what into $here"
  { python3 -m venv --clear "$here" && "$here/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"; } ||
    missing "a Python environment with $what" "Needed are python3-venv and the packages in $wanted: apt-get install python3-venv, and a reachable package index."
  cp "$wanted" "$here/.setup-requirements"
}

# What reads the exports: for the tests only.
setup_python() {
  command -v gcc >/dev/null || missing "gcc" "The exported C code is compiled with it: apt-get install gcc"
  command -v g++ >/dev/null || missing "g++" "The exported C code is linked from C++ with it: apt-get install g++"
  python_environment tests/export/requirements.txt .tools/python "onnxruntime and what reads the other exports"
}

# Tools in whose pages package and embed are tried, Jupyter and Vite among them: for those tests only.
setup_hosts() {
  local here=tests/hosts
  if ! cmp -s "$here/package-lock.json" "$here/node_modules/.setup-lock"; then
    npm ci --prefix "$here" --no-fund --no-audit --silent
    cp "$here/package-lock.json" "$here/node_modules/.setup-lock"
  fi
  python_environment "$here/requirements.txt" .tools/hosts "Jupyter and Sphinx"
}

for tool in "$@"; do
  case "$tool" in
    node) setup_node ;;
    wasm) setup_wasm ;;
    npm) setup_npm ;;
    browser) setup_browser ;;
    wasm-pack) setup_wasm_pack ;;
    python) setup_python ;;
    hosts) setup_hosts ;;
    fuzz) setup_fuzz ;;
    browsers) setup_browsers ;;
    *) echo "setup: expected node, wasm, npm, browser, wasm-pack, python, hosts, fuzz or browsers, got $tool" >&2; exit 2 ;;
  esac
done
