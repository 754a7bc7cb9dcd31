#!/usr/bin/env bash
# usage: bench/hosts.sh [--precisions "float32 float16 bfloat16 int8 int4 nf4"] [--rounds 3]
# Exports the demo model in each precision, measures it in plain ONNX Runtime and in GenAI, in interleaved rounds, and writes
# bench/results/<processor>/hosts.md and hosts.json. The precisions are values of `ortdpo export --dtype`.
set -euo pipefail
cd "$(dirname "$0")/.."
precisions='float32 float16 bfloat16 int8 int4 nf4' rounds=3
while [ $# -gt 0 ]; do
  case $1 in
    --precisions) precisions=${2:?--precisions needs names} && shift 2 ;;
    --rounds) rounds=${2:?--rounds needs a number} && shift 2 ;;
    *) echo "hosts.sh: '$1' is not an option; it takes --precisions and --rounds." >&2; exit 2 ;;
  esac
done

readonly input=bench/.input/hosts
readonly measured=$input/measurements.jsonl
readonly program=artifacts/bin/HostsBench/release/OrtDpo.HostsBench.dll
readonly ortdpo=artifacts/bin/Cli/release/OrtDpo.Cli.dll
load=$(cut -d' ' -f1 /proc/loadavg)
dotnet build src/Cli -c Release -nologo -v q -clp:ErrorsOnly
dotnet build bench/Hosts -c Release -nologo -v q -clp:ErrorsOnly
rm -rf $input
mkdir -p $input
: >$measured
# A step that changes next to nothing: a run is what is exported.
dotnet $ortdpo sft --model models/demo --data models/demo/data/sft.jsonl.gz --max-rows 64 --eval-fraction 0.2 --max-steps 1 --out $input/run >/dev/null
for precision in $precisions; do
  dotnet $ortdpo export --run $input/run --dtype "$precision" --out "$input/$precision" >/dev/null
done

for round in $(seq "$rounds"); do
  for precision in $precisions; do
    for host in plain genai; do
      echo "bench: round $round of $rounds, $precision, $host" >&2
      dotnet $program $host "$input/$precision" "$precision" >>$measured
    done
  done
done
page=$(dotnet $program report $measured bench/results "$load")
cat "$page"
echo "bench: wrote $page" >&2
