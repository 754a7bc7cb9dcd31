"""usage: make_golden.py - writes tiny models of every family, their rows, and what PyTorch makes of them. provenance.json says how this was run.

The plain way on purpose: every prompt + completion goes through the model alone, without padding, packing or a cache, in float64.
"""
import json
import os
import platform
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [HERE, os.path.join(HERE, "..", "..", "..", "bench", "pytorch")]

import numpy as np
import torch

import architectures
import objectives
import safetensors_file

VOCAB, POSITIONS, STEPS = 40, 24, 10
# Prompt, chosen, rejected of each pair; prompt + completion fills the positions once.
LENGTHS = [(5, 7, 3), (2, 4, 9), (9, 1, 6), (1, 3, 2), (12, 12, 5), (4, 6, 6)]
# Rows of an optimizer step, and of its micro-batches.
MICRO = [3, 1]
LEARNING_RATE = 1e-3
RUNS = [{"weight_decay": 0.0, "clip": 1.0}, {"weight_decay": 0.1, "clip": 0.0}]

LLAMA = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": VOCAB, "max_position_embeddings": POSITIONS, "rms_norm_eps": 1e-05,
    "rope_theta": 10000.0, "hidden_act": "silu", "tie_word_embeddings": False,
    "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8},
}
GPT2 = {
    "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_embd": 16, "n_inner": None, "n_layer": 2, "n_head": 4, "vocab_size": VOCAB,
    "n_positions": POSITIONS, "n_ctx": POSITIONS, "layer_norm_epsilon": 1e-05, "activation_function": "gelu_new", "scale_attn_weights": True,
    "tie_word_embeddings": True, "attn_pdrop": 0.1, "embd_pdrop": 0.1, "resid_pdrop": 0.1, "bos_token_id": 0, "eos_token_id": 0,
}
CONFIGS = {
    "llama": LLAMA | {"attention_bias": True, "mlp_bias": True},
    "mistral": LLAMA | {"architectures": ["MistralForCausalLM"], "model_type": "mistral", "rope_scaling": None, "sliding_window": 4},
    "qwen2": LLAMA | {
        "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "rope_scaling": None, "rope_theta": 1000000.0, "tie_word_embeddings": True,
        "num_key_value_heads": 1, "use_sliding_window": True, "sliding_window": 5, "max_window_layers": 1,
    },
    "gpt2": GPT2,
    "gpt2-variant": GPT2 | {"n_inner": 24, "activation_function": "gelu", "scale_attn_weights": False, "tie_word_embeddings": False},
}
# Of these, one objective: what a loss is does not depend on the family. 40 is a width whose root is no round number, and 10 no multiple of 8.
WIDER = LLAMA | {"rope_scaling": None, "hidden_size": 40, "num_attention_heads": 4, "num_key_value_heads": 2}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8, "beta_fast": 0.4, "beta_slow": 0.05}
LONG = [1.0 + 0.75 * i for i in range(8)]
SHORT = [1.0 + 0.25 * i for i in range(8)]
NEW_CONFIGS = {
    "qwen3": WIDER | {
        "architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "hidden_size": 32, "head_dim": 16, "attention_bias": True, "rope_theta": 1000000.0,
        "use_sliding_window": True, "sliding_window": 5, "max_window_layers": 1, "tie_word_embeddings": True,
    },
    "phi3": WIDER | {
        "architectures": ["Phi3ForCausalLM"], "model_type": "phi3", "hidden_size": 64, "intermediate_size": 20, "num_key_value_heads": 1,
        "original_max_position_embeddings": 10, "partial_rotary_factor": 0.75, "sliding_window": 7, "attention_bias": False,
        "rope_scaling": {"type": "longrope", "short_factor": SHORT[:6], "long_factor": LONG[:6]},
    },
    "gemma2": WIDER | {
        "architectures": ["Gemma2ForCausalLM"], "model_type": "gemma2", "head_dim": 16, "hidden_act": "gelu_pytorch_tanh",
        "hidden_activation": "gelu_pytorch_tanh", "query_pre_attn_scalar": 10, "attn_logit_softcapping": 3.0, "final_logit_softcapping": 4.0,
        "sliding_window": 4, "tie_word_embeddings": True, "cache_implementation": "hybrid",
    },
    "gemma3": WIDER | {
        "architectures": ["Gemma3ForCausalLM"], "model_type": "gemma3_text", "head_dim": 10, "hidden_act": "gelu_pytorch_tanh",
        "hidden_activation": "gelu_pytorch_tanh", "query_pre_attn_scalar": 7, "attn_logit_softcapping": None, "final_logit_softcapping": None,
        "sliding_window": 5, "sliding_window_pattern": 3, "num_hidden_layers": 3, "rope_local_base_freq": 100.0, "rope_theta": 1000000.0,
        "rope_scaling": {"rope_type": "linear", "factor": 8.0}, "tie_word_embeddings": True,
    },
    "smollm3": WIDER | {
        "architectures": ["SmolLM3ForCausalLM"], "model_type": "smollm3", "no_rope_layer_interval": 2, "use_sliding_window": True,
        "sliding_window": 6, "mlp_bias": True, "rope_theta": 5000000.0, "tie_word_embeddings": True,
    },
    "olmo2": WIDER | {"architectures": ["Olmo2ForCausalLM"], "model_type": "olmo2", "hidden_size": 64, "rope_theta": 500000.0},
    "granite": WIDER | {
        "architectures": ["GraniteForCausalLM"], "model_type": "granite", "hidden_size": 36, "num_attention_heads": 6, "embedding_multiplier": 6.0, "attention_multiplier": 0.2,
        "residual_multiplier": 0.3, "logits_scaling": 2.5, "attention_bias": True,
    },
    "llama-yarn": LLAMA | {"hidden_size": 32, "num_attention_heads": 2, "num_key_value_heads": 1, "rope_theta": 100.0, "rope_scaling": YARN},
    "llama-yarn-variant": LLAMA | {
        "hidden_size": 32, "num_attention_heads": 2, "num_key_value_heads": 1, "rope_theta": 100.0,
        "rope_scaling": YARN | {"mscale": 1.5, "mscale_all_dim": 0.5, "truncate": False},
    },
    "llama-longrope-long": LLAMA | {
        "hidden_size": 32, "num_attention_heads": 2, "original_max_position_embeddings": 8,
        "rope_scaling": {"rope_type": "longrope", "short_factor": SHORT, "long_factor": LONG},
    },
    "llama-longrope-short": LLAMA | {
        "hidden_size": 32, "num_attention_heads": 2, "original_max_position_embeddings": POSITIONS,
        "rope_scaling": {"rope_type": "longrope", "short_factor": SHORT, "long_factor": LONG, "attention_factor": 1.25},
    },
    "llama-dynamic": LLAMA | {"rope_scaling": {"rope_type": "dynamic", "factor": 4.0}},
}
NEW_OBJECTIVES = {"sigmoid": objectives.NUMBERS["sigmoid"]}
ROUNDINGS = {"bf16": torch.bfloat16, "fp16": torch.float16}


def random_weights(config, seed):
    """Matrices uniform in [-0.4, 0.4), biases in [-0.2, 0.2), the scales of norms in [0.5, 1.5); Gemma adds 1 to them."""
    least = -0.5 if config["model_type"].startswith("gemma") else 0.5
    # Of wider models narrower: sums of float32 are then as exact as those of 16 features.
    scale = 0.8 * (16 / config.get("hidden_size", 16)) ** 0.5
    draw = np.random.Generator(np.random.PCG64(seed))
    weights = {}
    for name, shape in sorted(architectures.shapes(config).items()):
        values = draw.random(shape)
        is_scale = len(shape) == 1 and name.endswith(".weight")
        weights[name] = (least + values if is_scale else (values - 0.5) * (0.4 if len(shape) == 1 else scale)).astype(np.float32)
    return weights


def random_rows(config, weights):
    """Pairs, and the same completions as feedback; reference sums lie around the policy's own, so that no loss has its value at step 0."""
    draw = np.random.Generator(np.random.PCG64(7))
    policy = {n: torch.tensor(w, dtype=torch.float64) for n, w in weights.items()}
    ids = lambda count: draw.integers(0, VOCAB, count).tolist()

    def reference(prompt, completion, least=-1.5):
        return round(score(config, policy, prompt, completion).sum().item() + least + 3 * draw.random(), 3)

    pairs = [{"prompt": ids(p), "chosen": ids(c), "rejected": ids(r)} for p, c, r in LENGTHS]
    feedback = [{"prompt": p["prompt"], "completion": p[side], "label": side == "chosen"} for p in pairs for side in ("chosen", "rejected")]
    for p in pairs:
        p |= {f"ref_{side}_logps": reference(p["prompt"], p[side]) for side in ("chosen", "rejected")}
    for i, row in enumerate(feedback):
        # The completion of a later row that still fits the positions.
        row["kl_completion"] = feedback[(i + 3) % len(feedback)]["completion"][: POSITIONS - len(row["prompt"])]
        row |= {"ref_logps": reference(row["prompt"], row["completion"]), "ref_kl_logps": reference(row["prompt"], row["kl_completion"], least=-2.2)}
    return pairs, feedback


def score(config, weights, prompt, completion):
    """Log-probability of every completion token, of one sequence alone."""
    logits = architectures.logits(config, weights, torch.tensor(prompt + completion))
    return torch.log_softmax(logits[len(prompt) - 1:-1], -1).gather(1, torch.tensor(completion).unsqueeze(1)).squeeze(1)


def tensors(weights):
    return {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in weights.items()}


def of_step(rows, step):
    """The rows of an optimizer step: four, onwards from where the step before ended."""
    count = sum(MICRO)
    return [rows[(step * count + i) % len(rows)] for i in range(count)]


def train(objective, config, weights, rows, weight_decay, clip):
    """The mean loss before each step, and the gradient's norm before it is clipped."""
    policy = tensors(weights)
    optimizer = torch.optim.AdamW(policy.values(), lr=LEARNING_RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=weight_decay)
    steps = []
    for step in range(STEPS):
        optimizer.zero_grad()
        losses = objectives.losses(objective, lambda p, c: score(config, policy, p, c), of_step(rows, step))
        at = 0
        for count in MICRO:
            # Gradients add up over micro-batches, each weighted by its rows.
            (losses[at:at + count].sum() / len(losses)).backward(retain_graph=True)
            at += count
        norm = torch.nn.utils.clip_grad_norm_(policy.values(), clip if clip > 0 else float("inf"))
        optimizer.step()
        steps.append({"loss": losses.mean().item(), "grad_norm": norm.item()})
    return {"weight_decay": weight_decay, "clip": clip, "steps": steps}


def make(name, config, seed, numbers_of=objectives.NUMBERS):
    weights = random_weights(config, seed)
    pairs, feedback = random_rows(config, weights)
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    safetensors_file.write(os.path.join(folder, "model.safetensors"), weights)
    dump(os.path.join(folder, "config.json"), config)
    exact = tensors(weights)
    token_logps = lambda rows, side: [score(config, exact, r["prompt"], r[side]).tolist() for r in rows]
    completions = {"chosen": pairs, "rejected": pairs, "kl_completion": feedback}
    expected = {"token_logps": {side: token_logps(rows, side) for side, rows in completions.items()}, "objectives": {}}
    for objective, numbers in numbers_of.items():
        rows = feedback if objective == "kto" else pairs
        policy = tensors(weights)
        losses = objectives.losses(objective, lambda p, c: score(config, policy, p, c), rows)
        losses.mean().backward()
        safetensors_file.write(os.path.join(folder, f"gradients-{objective}.safetensors"), {n: t.grad.numpy() for n, t in policy.items()})
        expected["objectives"][objective] = {
            "numbers": numbers, "losses": losses.tolist(), "loss": losses.mean().item(),
            **({"kl": objectives.reference_point(lambda p, c: score(config, policy, p, c), rows).item()} if objective == "kto" else {}),
            "adamw": [train(objective, config, weights, rows, **run) for run in RUNS],
        }
    dump(os.path.join(folder, "rows.json"), {"pairs": pairs, "feedback": feedback})
    dump(os.path.join(folder, "expected.json"), expected)
    # What is stored in 16 bits, computed as exactly.
    rounded = {}
    for stored, kind in ROUNDINGS.items():
        numbers = {n: torch.tensor(w).to(kind).to(torch.float64) for n, w in weights.items()}
        rounded[stored] = {side: [score(config, numbers, p["prompt"], p[side]).tolist() for p in pairs] for side in ("chosen", "rejected")}
    dump(os.path.join(folder, "rounded.json"), rounded)


def dump(path, value):
    with open(path, "w") as file:
        json.dump(value, file, indent=1)
        file.write("\n")


def debian(package):
    return subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=True).stdout


def main():
    for seed, (name, config) in enumerate(CONFIGS.items(), 11):
        make(name, config, seed)
    for seed, (name, config) in enumerate(NEW_CONFIGS.items(), 31):
        make(name, config, seed, NEW_OBJECTIVES)
    dump(os.path.join(HERE, "provenance.json"), {
        "command": "apt-get install python3-torch libopenblas0-pthread && /usr/bin/python3 tests/golden/families/make_golden.py",
        "what": "token log-probabilities, losses, gradients and ten steps of AdamW of the families and four objectives, in float64",
        "optimizer": {"learning_rate": LEARNING_RATE, "betas": [0.9, 0.999], "epsilon": 1e-8, "runs": RUNS, "rows_of_micro_batches": MICRO},
        "debian": {package: debian(package) for package in ("python3-torch", "libopenblas0-pthread", "python3-numpy")},
        "torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version(), "machine": platform.machine(),
    })


if __name__ == "__main__":
    main()
