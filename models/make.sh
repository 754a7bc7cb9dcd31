#!/usr/bin/env bash
# usage: models/make.sh
# Remakes models/demo (text, tokenizer, weights) from models/make and models/demo/config.json. The run is left in artifacts/demo-model.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly run=artifacts/demo-model
rm -rf "$run"
dotnet run --project models/make -c Release -- --model models/demo --run "$run"
