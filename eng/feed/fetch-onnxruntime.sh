#!/usr/bin/env bash
# usage: eng/feed/fetch-onnxruntime.sh [--cuda]
# Unpacks ONNX Runtime's C# sources and linux-x64 libraries from npm into .setup/onnxruntime, and keeps nothing else.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly package=com.github.asus4.onnxruntime release=0.4.9
readonly target=.setup/onnxruntime
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# unpack PACKAGE: its C# sources, licences and linux-x64 libraries; the other platforms' are five times as large.
unpack() {
  command -v npm >/dev/null || { echo "npm was not found; install Node.js with npm, which brings ONNX Runtime." >&2; exit 1; }
  rm -rf "${scratch:?}"/*
  npm pack --silent --pack-destination "$scratch" "$1@$release" >/dev/null
  tar -xzf "$scratch"/*.tgz -C "$scratch" --exclude='package/Plugins/[!L]*' --exclude='*.meta'
  mkdir -p "$target/native"
  cp -r "$scratch"/package/Plugins/Linux/x64/*.so "$target/native"
}

if [ ! -e "$target/LICENSE" ]; then
  unpack "$package"
  cp -r "$scratch"/package/{Runtime,ThirdPartyNotices.txt} "$target"
  cp "$scratch/package/LICENSE" "$target" # last: it marks the set as complete
fi
if [ "${1:-}" = --cuda ] && [ ! -e "$target/native/libonnxruntime_providers_cuda.so" ]; then
  unpack "$package.linux-x64-gpu"
fi
