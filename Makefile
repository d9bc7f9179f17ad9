# Developer commands. The two you need are `make play` and `make test`.
PORT ?= 8080
# Who can reach the playground: this machine only; HOST=0.0.0.0 admits others. Not taken from the environment, where
# some shells keep the machine's name under HOST.
HOST = 127.0.0.1
export PATH := $(HOME)/.cargo/bin:$(PATH)

.PHONY: play dist test check times build lint test-native test-wasm test-browsers test-page test-page-slow checkpoints size lighthouse fuzz bench bench-kernels bench-peers clean

# Builds and serves the playground, and prints its address when a first view can be had; the rest follows.
play:
	@scripts/setup.sh node wasm >&2
	@node scripts/play.mjs $(PORT) $(HOST)

# Makes dist/ for any static host: the page, embed.html, quant-playground.js, and the page as one offline file.
dist:
	@scripts/setup.sh node wasm
	@$(MAKE) --no-print-directory build >&2
	@du -sh dist

# Installs what is missing and runs all checks and tests.
test:
	@scripts/setup.sh npm wasm browser wasm-pack python hosts
	@$(MAKE) --no-print-directory lint test-native test-wasm build size test-page

# What to run after every change: all of `lint`, and the tests that are fast and find most.
check:
	@scripts/setup.sh npm wasm
	@$(MAKE) --no-print-directory lint
	cargo test --quiet --lib --test layering --test kernels --test golden --test quant_properties
	node --test tests/serve.test.mjs tests/timing.test.mjs tests/checkpoints.test.mjs tests/www-layering.test.mjs

# How long play, check and test take, in fresh clones: about half an hour, and no part of `make test`.
times:
	@node scripts/times.mjs

build:
	@node scripts/build.mjs

# Every binary's features and flags, and what only tests, examples and native builds have.
lint:
	cargo fmt --check
	cargo clippy --quiet --all-targets -- -D warnings
	for name in core simd128 full relaxed charts details; do scripts/build-wasm.sh lint $$name || exit 1; done
	node_modules/.bin/tsc -p tsconfig.json
	node_modules/.bin/eslint .

test-native:
	cargo test

# The same tests in every build, in headless Chrome. DDQ_EXPECT_BUILD names the build they must run in.
test-wasm:
	scripts/test-wasm.sh simd128
	scripts/test-wasm.sh scalar
	scripts/test-wasm.sh relaxed

# The same in Firefox and in WebKit, which is Safari's engine, in the builds that train, and the page there. No part of `make test`.
test-browsers:
	@scripts/setup.sh npm wasm wasm-pack hosts browsers
	scripts/test-wasm.sh simd128 firefox
	scripts/test-wasm.sh scalar firefox
	scripts/test-wasm.sh simd128 safari
	scripts/test-wasm.sh scalar safari
	@$(MAKE) --no-print-directory build >&2
	node --test --test-concurrency=1 tests/browsers/*.test.mjs

test-page:
	node --test --test-concurrency=1 tests/page/*.test.mjs tests/*.test.mjs

# Page tests with the processor throttled four times, which exposes races that an idle machine hides.
test-page-slow:
	PAGE_SLOWDOWN=4 node --test --test-concurrency=1 tests/page/*.test.mjs

# Retrains the float checkpoints (minutes); bit-identical on the same kind of processor.
checkpoints:
	cargo run --release --example pretrain

# Gzipped bytes to the first live plot; fails above the limit.
size:
	node scripts/size.mjs

# Fuzzes each parser for FUZZ_SECONDS (30).
fuzz:
	@scripts/setup.sh fuzz
	@scripts/fuzz.sh

# Lighthouse on the built pages, phone and desktop; fails below 95/100/95/95.
lighthouse:
	@scripts/setup.sh npm wasm browser hosts
	@$(MAKE) --no-print-directory build >&2
	node scripts/lighthouse.mjs

# Training speed against PyTorch in headless Chromium; duration of imports and searches; whole networks on integers.
bench:
	@scripts/setup.sh npm wasm browser
	@$(MAKE) --no-print-directory build >&2
	node scripts/bench.mjs
	node scripts/bench-import.mjs
	node scripts/bench-searches.mjs
	node scripts/bench-networks.mjs

# Low-bit products against float32 for every build; keeps the table under benches/record/.
bench-kernels:
	@scripts/setup.sh npm wasm browser
	@$(MAKE) --no-print-directory build >&2
	node scripts/bench-kernels.mjs --record

# Our products against onnxruntime-web and tfjs-wasm in one page; installs them for this benchmark only.
bench-peers:
	@scripts/setup.sh npm wasm browser
	@npm ci --prefix benches/peers --no-fund --no-audit --silent
	@$(MAKE) --no-print-directory build >&2
	node scripts/bench-peers.mjs --record

clean:
	cargo clean
	rm -rf fuzz/target fuzz/seeds node_modules benches/peers/node_modules tests/hosts/node_modules pkg/simd128 pkg/scalar pkg/relaxed pkg/core pkg/full pkg/charts pkg/details pkg/element pkg/LICENSE dist test-results
