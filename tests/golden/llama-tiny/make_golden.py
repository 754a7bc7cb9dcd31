"""usage: make_golden.py - writes the tiny Llamas, their pairs, and what PyTorch makes of them. provenance.json says how this was run.

The plain way on purpose: every prompt + completion is a batch of its own, without padding, packing or a cache, in float64.
"""
import json
import os
import platform
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "bench", "pytorch"))

import numpy as np
import torch
import torch.nn.functional as F

import careful
import llama
import safetensors_file

BETA = 0.1
# Prompt, chosen, rejected of each pair.
LENGTHS = [(5, 7, 3), (2, 4, 9), (9, 1, 6)]
LEARNING_RATE, CLIP, STEPS = 1e-3, 1.0, 5
GAMMA = np.uint64(0x9E3779B97F4A7C15)


def splitmix64(seed, first, count):
    """Outputs first, first + 1, ... of SplitMix64(seed)."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + (np.arange(first + 1, first + 1 + count, dtype=np.uint64)) * GAMMA
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def uniform(seed, first, count):
    """Doubles in [0, 1), of the upper 53 bits."""
    return (splitmix64(seed, first, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def random_weights(config, scale, seed):
    """Matrices uniform in [-scale, scale) from one stream, in the order of their names; norms take no numbers."""
    tensors, at = {}, 0
    for name, shape in sorted(llama.shapes(config).items()):
        if len(shape) == 1:
            tensors[name] = np.ones(shape, np.float32)
            continue
        count = shape[0] * shape[1]
        tensors[name] = ((uniform(seed, at, count) * 2 - 1) * scale).astype(np.float32).reshape(shape)
        at += count
    return tensors


def llama_config(tied):
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 32, "intermediate_size": 48,
        "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 64,
        "max_position_embeddings": 64, "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "hidden_act": "silu",
        "tie_word_embeddings": tied, "attention_bias": False, "mlp_bias": False, "torch_dtype": "float32",
    }


def token_logps(config, weights, prompt, completion):
    """Log-probability of every completion token, of one sequence alone."""
    input_ids = torch.tensor([prompt + completion])
    seq = input_ids.shape[1]
    mask = llama.causal_mask(seq, weights["model.norm.weight"].dtype)
    logits = llama.head(config, weights, llama.hidden_states(config, weights, input_ids, torch.arange(seq).unsqueeze(0), mask))
    return llama.token_logps(logits[0, len(prompt) - 1:-1], torch.tensor(completion))


def losses(config, weights, pairs):
    """Sigmoid-DPO loss of each pair, Eq. 7 of arXiv:2305.18290."""
    result = []
    for pair in pairs:
        chosen, rejected = (token_logps(config, weights, pair["prompt"], pair[side]).sum() - pair[f"ref_{side}_logps"] for side in ("chosen", "rejected"))
        result.append(-F.logsigmoid(BETA * (chosen - rejected)))
    return torch.stack(result)


def tensors(weights, dtype):
    return {name: torch.tensor(value, dtype=dtype, requires_grad=True) for name, value in weights.items()}


def train(config, weights, pairs, dtype):
    """The loss before each of the first steps, and the gradient's norm before it is clipped."""
    policy = tensors(weights, dtype)
    optimizer = torch.optim.AdamW(policy.values(), lr=LEARNING_RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
    steps = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = losses(config, policy, pairs).mean()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(policy.values(), CLIP)
        optimizer.step()
        steps.append({"loss": loss.item(), "grad_norm": norm.item()})
    return steps


def make(name, tied, pairs):
    config = llama_config(tied)
    weights = random_weights(config, scale=0.3, seed=3)
    for i, norm in enumerate(sorted(n for n in weights if weights[n].ndim == 1)):
        weights[norm] = (0.5 + uniform(4, i * 32, 32)).astype(np.float32)

    exact = tensors(weights, torch.float64)
    loss = losses(config, exact, pairs)
    loss.mean().backward()
    # The packed layout must give the same, or the yardstick in bench/ is none.
    packed = careful.Loop(config, exact, pairs, BETA, torch.tensor([p[f"ref_{s}_logps"] for s in ("chosen", "rejected") for p in pairs], dtype=torch.float64))
    assert abs(packed.loss().item() - loss.mean().item()) < 1e-12

    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    safetensors_file.write(os.path.join(folder, "model.safetensors"), weights)
    safetensors_file.write(os.path.join(folder, "gradients.safetensors"), {n: t.grad.numpy() for n, t in exact.items()})
    dump(os.path.join(folder, "config.json"), config)
    dump(os.path.join(folder, "expected.json"), {
        "token_logps": [{s: token_logps(config, exact, p["prompt"], p[s]).tolist() for s in ("chosen", "rejected")} for p in pairs],
        "pair_losses": loss.tolist(),
        "loss": loss.mean().item(),
        "adamw_float32": train(config, weights, pairs, torch.float32),
        "adamw_float64": train(config, weights, pairs, torch.float64),
    })


def random_pairs():
    """Reference sums of the size that the policies' own have, so that no loss is ln 2."""
    ids = iter((uniform(5, 0, sum(map(sum, LENGTHS))) * 64).astype(int).tolist())
    noise = iter(uniform(6, 0, 2 * len(LENGTHS)).tolist())
    return [
        {side: [next(ids) for _ in range(length)] for side, length in zip(("prompt", "chosen", "rejected"), lengths)}
        | {f"ref_{side}_logps": round(-6.0 * length + 8 * next(noise) - 4, 3) for side, length in zip(("chosen", "rejected"), lengths[1:])}
        for lengths in LENGTHS
    ]


def dump(path, value):
    with open(path, "w") as file:
        json.dump(value, file, indent=1)
        file.write("\n")


def main():
    pairs = random_pairs()
    dump(os.path.join(HERE, "pairs.json"), {"beta": BETA, "pairs": pairs})
    make("tied", True, pairs)
    make("untied", False, pairs)
    dump(os.path.join(HERE, "provenance.json"), {
        "command": "bench/pytorch/setup.sh && /usr/bin/python3 tests/golden/llama-tiny/make_golden.py",
        "what": "token log-probabilities, sigmoid-DPO loss and its gradients in float64; AdamW steps in float32 and float64",
        "optimizer": {"learning_rate": LEARNING_RATE, "betas": [0.9, 0.999], "epsilon": 1e-8, "weight_decay": 0.0, "clip_grad_norm": CLIP},
        "torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version(), "machine": platform.machine(),
    })


if __name__ == "__main__":
    main()
