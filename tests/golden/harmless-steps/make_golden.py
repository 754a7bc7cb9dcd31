"""usage: make_golden.py MODEL ROWS - a hundred DPO steps in PyTorch, from the rows that rows.cs prints. provenance.json says how this was run.

PyTorch computes the reference's log-probabilities, losses, gradients and AdamW; the order of the rows is SplitMix64's, written again here.
"""
import json
import math
import os
import platform
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "bench", "pytorch"))

import torch

import careful
import llama
import safetensors_file

BETA, LEARNING_RATE, CLIP, STEPS, WARMUP, BATCH, SEED = 0.1, 1e-4, 1.0, 100, 10, 8, 0
BITS = (1 << 64) - 1


def mix(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & BITS
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & BITS
    return z ^ (z >> 31)


def permutation(count):
    """Fisher and Yates, inside out, on SplitMix64: the first epoch's order."""
    state, order = mix(SEED), []
    for i in range(count):
        state = (state + 0x9E3779B97F4A7C15) & BITS
        j = mix(state) * (i + 1) >> 64
        order.append(i)
        order[i], order[j] = order[j], i
    return order


def learning_rate(step):
    """Transformers' linear schedule with a warm-up, of a step from 1."""
    done = step - 1
    return LEARNING_RATE * (done / WARMUP if done < WARMUP else (STEPS - done) / (STEPS - WARMUP))


def reference(config, weights, pair):
    with torch.no_grad():
        return careful.Loop(config, weights, [pair], BETA, None).logps()


def main(model, rows):
    torch.set_num_threads(1)
    with open(os.path.join(model, "config.json")) as file:
        config = json.load(file)
    loaded = safetensors_file.read(os.path.join(model, "model.safetensors"))
    frozen = {name: torch.tensor(loaded[name]) for name in llama.shapes(config)}
    policy = {name: tensor.clone().requires_grad_() for name, tensor in frozen.items()}
    with open(rows) as file:
        pairs = [json.loads(line) for line in file]
    train, held_out = ([p for p in pairs if p["split"] == split] for split in ("Train", "Eval"))
    order = permutation(len(train))
    optimizer = torch.optim.AdamW(policy.values(), betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
    steps = []
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        loss = 0.0
        for pair in (train[i] for i in order[(step - 1) * BATCH:step * BATCH]):
            part = careful.Loop(config, policy, [pair], BETA, reference(config, frozen, pair)).loss() / BATCH
            part.backward()
            loss += part.item()
        norm = torch.nn.utils.clip_grad_norm_(policy.values(), CLIP).item()
        optimizer.param_groups[0]["lr"] = learning_rate(step)
        optimizer.step()
        steps.append({"loss": loss, "grad_norm": norm})
        print(step, loss, norm, flush=True)

    margins = []
    with torch.no_grad():
        for pair in held_out:
            chosen, rejected = (careful.Loop(config, policy, [pair], BETA, None).logps() - reference(config, frozen, pair)).tolist()
            margins.append(BETA * (chosen - rejected))
    write("expected.json", {
        "steps": steps,
        "eval_loss": sum(math.log1p(math.exp(-m)) for m in margins) / len(margins),
        "eval_rewards/margins": sum(margins) / len(margins),
        "eval_rewards/accuracies": sum(m > 0 for m in margins) / len(margins),
        "eval_pairs": len(margins),
    })
    write("provenance.json", {
        "command": "ortdpo precompute --model stories260K --data harmless-base-test.jsonl.gz --max-length 512 --eval-fraction 0.1 --out REF && "
                   "dotnet run rows.cs REF > rows.jsonl && bench/pytorch/setup.sh && /usr/bin/python3 make_golden.py stories260K rows.jsonl",
        "what": "losses and gradient norms of 100 sigmoid-DPO steps in float32, and the held-out rows scored after them",
        "optimizer": {"learning_rate": LEARNING_RATE, "warmup_steps": WARMUP, "betas": [0.9, 0.999], "epsilon": 1e-8, "weight_decay": 0.0, "clip_grad_norm": CLIP},
        "beta": BETA, "batch_pairs": BATCH, "seed": SEED, "rows": {"train": len(train), "eval": len(held_out)},
        "torch": torch.__version__, "python": platform.python_version(), "machine": platform.machine(),
    })


def write(name, value):
    with open(os.path.join(HERE, name), "w") as file:
        json.dump(value, file, indent=1)
        file.write("\n")


main(*sys.argv[1:])
