#!/usr/bin/env bash
# usage: bench/run.sh [--sizes "m30 m110"] [--rounds 3] [--no-pytorch]
# Measures the training step against its floor and against two PyTorch loops, in interleaved rounds, and writes
# bench/results/<processor>/step.md and step.json.
set -euo pipefail
cd "$(dirname "$0")/.."
sizes='m30 m110' rounds=3 pytorch=true
while [ $# -gt 0 ]; do
  case $1 in
    --sizes) sizes=${2:?--sizes needs names} && shift 2 ;;
    --rounds) rounds=${2:?--rounds needs a number} && shift 2 ;;
    --no-pytorch) pytorch=false && shift ;;
    *) echo "run.sh: '$1' is not an option; it takes --sizes, --rounds and --no-pytorch." >&2; exit 2 ;;
  esac
done
# Debian's and Ubuntu's packages are the system's Python's, whatever else is installed.
readonly python=/usr/bin/python3
if $pytorch && ! $python -c 'import torch, numpy' 2>/dev/null; then
  echo "$python has no PyTorch; run bench/pytorch/setup.sh as root, or leave PyTorch out with --no-pytorch." >&2
  exit 1
fi

readonly input=bench/.input
readonly measured=$input/measurements.jsonl
readonly program=artifacts/bin/StepBench/release/OrtDpo.StepBench.dll
load=$(cut -d' ' -f1 /proc/loadavg)
dotnet build bench/Step -c Release -nologo -v q -clp:ErrorsOnly
mkdir -p $input
: >$measured
for size in $sizes; do dotnet $program $input "$size" write; done

# measure NAME COMMAND...: one process, its line of JSON kept.
measure() {
  echo "bench: round $round of $rounds, $size, $1" >&2
  "${@:2}" >>$measured
}

for round in $(seq "$rounds"); do
  for size in $sizes; do
    measure floor dotnet $program $input "$size" floor
    measure kept dotnet $program $input "$size" kept 5
    measure recomputed dotnet $program $input "$size" recomputed 5
    if $pytorch; then
      threads=$(sed -n '1s/.*"threads":\([0-9]*\).*/\1/p' $measured)
      measure careful $python bench/pytorch/run.py "$input/$size" careful --steps 4 --threads "$threads"
      measure plain $python bench/pytorch/run.py "$input/$size" plain --steps 2 --threads "$threads"
    fi
  done
done
page=$(dotnet $program report $measured bench/results "$load")
cat "$page"
echo "bench: wrote $page" >&2
