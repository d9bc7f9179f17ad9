#!/usr/bin/env bash
# Fuzzes each parser for a while, from the seeds and from what earlier runs found (fuzz/corpus).
#   FUZZ_SECONDS=30 scripts/fuzz.sh [TARGET…]
# Without a sanitizer, so that stable Rust will do: this crate has no unsafe code for one to watch.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-30}
if ! [[ $seconds =~ ^[1-9][0-9]*$ ]]; then
  echo "fuzz: expected FUZZ_SECONDS of 1 or more, got $seconds" >&2
  exit 2
fi
cargo fuzz build --sanitizer none
cargo run --quiet --manifest-path fuzz/Cargo.toml --example seeds -- fuzz/seeds
known=$(cargo fuzz list)
for target in ${*:-$known}; do
  if ! grep -qx "$target" <<<"$known"; then
    echo "fuzz: expected one of $(paste -sd' ' <<<"$known"), got $target" >&2
    exit 2
  fi
  mkdir -p "fuzz/corpus/$target" "fuzz/artifacts/$target"
  log=fuzz/artifacts/$target.log
  # An input that takes 10 s or 1 GB is a finding too.
  if ! cargo fuzz run --sanitizer none "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "fuzz: $target fails; its input is in fuzz/artifacts/$target. Make it smaller with: cargo fuzz tmin --sanitizer none $target INPUT" >&2
    exit 1
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  echo "fuzz: $target, $seconds s, $runs inputs, nothing found"
done
