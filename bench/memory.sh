#!/usr/bin/env bash
# usage: bench/memory.sh [PROCESSOR]
# Measures what scoring and training take against what is planned, and writes bench/results/<processor>/memory.md. Linux only (prlimit).
set -euo pipefail
cd "$(dirname "$0")/.."
readonly input=bench/.input/memory
readonly program=artifacts/bin/MemoryBench/release/OrtDpo.MemoryBench.dll
dotnet build bench/Memory -c Release -nologo -v q -clp:ErrorsOnly
mkdir -p $input
processor=$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9]+/-/g; s/^-|-$//g')
readonly page=bench/results/${1:-$processor}/memory.md
mkdir -p "$(dirname "$page")"

# measure MODEL TYPE WAY PAIRS PROMPT COMPLETION: a row of the page.
measure() {
  dotnet $program write $input "$@"
  dotnet $program row $input "$@" | tee -a "$page"
}

# table TITLE: the head of a table.
table() {
  printf '\n## %s\n\n| model | stored | way | pairs | own, planned MB | all, planned MB | peak MB | planned / peak | limit MB | s |\n' "$1" >>"$page"
  printf '|---|---|---|---|---|---|---|---|---|---|\n' >>"$page"
}

cat >"$page" <<'EOF'
# Memory against its plan

`bench/memory.sh`: each row is a process that plans, then scores or trains three times. Peak is VmHWM, files that are mapped included; own is the process's own
memory, without them. Every process ran under `prlimit --data` of 1.1 times its planned own memory (limit); one that did not fit would say so. Models have random weights.

EOF
dotnet $program about >>"$page"
table 'Training'
for model in llama qwen2 gemma2; do
  for type in F32 BF16; do
    for way in keep recompute; do measure $model $type $way 4 160 64; done
  done
done
table 'Scoring'
for model in llama qwen2 gemma2 gpt2; do
  for type in F32 BF16; do measure $model $type score 4 160 64; done
done
table 'Adapters of rank 16 on all linear layers, recomputed, and scoring in 4 bits'
for model in llama qwen2; do
  for way in lora lora-nf4 lora-int4 score-nf4; do measure $model BF16 $way 4 160 64; done
done
table 'The length: one pair, prompt a half, completions a quarter each'
for length in 512 1024 2048 3072 4096; do measure llama F32 recompute 1 $((length / 2)) $((length / 4)); done
table 'The vocabulary: 151,936 in place of 32,000'
for way in keep recompute; do measure llama-vocabulary F32 $way 4 160 64; done
measure llama-vocabulary BF16 score 4 160 64
cat >>"$page" <<'EOF'

## The head in parts, against undivided

Seconds, best of 7. Frozen and trained: forward and backward. Undivided the logits are kept; in parts they are made twice or kept if the head trains, and a frozen head makes its gradient in
the forward.

| model | scored tokens | forward, parts | undivided | ratio | frozen, parts | undivided | ratio | trained, parts, made twice | parts, kept | undivided | ratio, made twice |
|---|---|---|---|---|---|---|---|---|---|---|---|
EOF
for shape in 'llama F32 score 512' 'llama-vocabulary F32 score 512' 'llama-vocabulary BF16 score 512' 'llama F32 score 2048'; do
  dotnet $program head $input $shape 1 1 | tee -a "$page"
done
cat >>"$page" <<'EOF'

## Products with a matrix in 4 bits

Milliseconds, best of 15, of x Wᵀ: float32 W; its float32 copy made from 4 bits by this project, and the product; the same by operators of ONNX Runtime; the copies alone.

| rows | out, in | float32 | nf4, copy + product | MatMulBnb4 | nf4 by a table + MatMul | int4, copy + product | GatherBlockQuantized + MatMul | MatMulNBits | copy of nf4 | of int4 |
|---|---|---|---|---|---|---|---|---|---|---|
EOF
for shape in '1 4864 896' '256 4864 896' '1024 4864 896' '1024 896 4864'; do dotnet $program products $shape | tee -a "$page"; done
