"""usage: make_golden.py - writes LoRA adapters of the tiny families, and what PyTorch makes of training them. provenance.json says how
this was run.

An adapted product is computed as arXiv:2106.09685 writes it, y = W x + s B (A x); A and B are never multiplied into W. Everything is in
float64, every sequence alone, as in ../families, whose models, rows and losses these are.
"""
import json
import math
import os
import platform
import re
import shutil
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
FAMILIES = os.path.join(HERE, "..", "families")
# Before this folder, which has a make_golden of its own.
sys.path[:0] = [FAMILIES, os.path.join(HERE, "..", "..", "..", "bench", "pytorch")]

import numpy as np
import torch
import torch.nn.functional as F

import architectures
import four_bits
import make_golden as families
import objectives
import safetensors_file

OBJECTIVE, STEPS, LEARNING_RATE, WEIGHT_DECAY, CLIP = "sigmoid", 50, 2e-3, 0.01, 0.2
PREFIX = "base_model.model."

# Every field that PEFT 0.18 writes, as it is for LoRA as it was published.
PLAIN = {
    "alora_invocation_tokens": None, "alpha_pattern": {}, "arrow_config": None, "auto_mapping": None, "base_model_name_or_path": None,
    "bias": "none", "corda_config": None, "ensure_weight_tying": False, "eva_config": None, "exclude_modules": None,
    "fan_in_fan_out": False, "inference_mode": True, "init_lora_weights": True, "layer_replication": None, "layers_pattern": None,
    "layers_to_transform": None,
    "loftq_config": {}, "lora_alpha": 8, "lora_bias": False, "lora_dropout": 0.0, "megatron_config": None, "megatron_core": "megatron.core",
    "modules_to_save": None, "peft_type": "LORA", "peft_version": "0.18.0", "qalora_group_size": 16, "r": 8, "rank_pattern": {},
    "revision": None, "target_modules": None, "target_parameters": None, "task_type": "CAUSAL_LM", "trainable_token_indices": None,
    "use_dora": False, "use_qalora": False, "use_rslora": False,
}
LLAMA = {"r": 4, "lora_alpha": 6, "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]}
# One that was trained before, with all that decides ranks, scales and modules.
LLAMA_VARIANT = {
    "r": 3, "lora_alpha": 2, "use_rslora": True, "target_modules": ["q_proj", "k_proj", "v_proj", "gate_proj", "up_proj", "down_proj"],
    "exclude_modules": ["k_proj", "model.layers.0.mlp.down_proj"], "modules_to_save": ["model.norm", "lm_head"],
    "rank_pattern": {"layers.1.self_attn.q_proj": 6, "q_proj": 2}, "alpha_pattern": {r".*\.1\.mlp\..*": 1.5, "v_proj": 5},
}
CASES = {
    "llama": ("llama", None, LLAMA),
    "llama-bf16": ("llama", "bf16", LLAMA),
    "llama-variant": ("llama", None, LLAMA_VARIANT),
    "llama-variant-bf16": ("llama", "bf16", LLAMA_VARIANT),
    "gpt2": ("gpt2", None, {"r": 4, "lora_alpha": 4, "fan_in_fan_out": True, "target_modules": ["c_attn", "c_proj", "c_fc"]}),
    "phi3": ("phi3", None, {"r": 2, "lora_alpha": 4, "target_modules": ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]}),
    "gemma2": ("gemma2", None, {
        "r": 4, "lora_alpha": 4, "target_modules": r"model\.layers\.\d+\.(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)"}),
    # Nothing of the first layer trains.
    "gemma2-last": ("gemma2", None, {"r": 2, "lora_alpha": 8, "target_modules": ["q_proj", "down_proj"], "layers_to_transform": [1]}),
}


# The same on a base in 4 bits; widths that are no multiple of the block, GPT-2's transposed weights and Phi-3's fused ones among them.
QUANTIZED = {
    "llama-nf4": ("llama", "nf4", LLAMA),
    "llama-variant-int4": ("llama", "int4", LLAMA_VARIANT),
    "gpt2-nf4": CASES["gpt2"][:1] + ("nf4",) + CASES["gpt2"][2:],
    "gpt2-int4": CASES["gpt2"][:1] + ("int4",) + CASES["gpt2"][2:],
    "phi3-int4-128": CASES["phi3"][:1] + ("int4-128",) + CASES["phi3"][2:],
    "gemma2-nf4": CASES["gemma2"][:1] + ("nf4",) + CASES["gemma2"][2:],
}


class Adapted:
    """A weight with its term, wherever the families multiply by a weight."""

    def __init__(self, weight, a, b, scale):
        self.weight, self.a, self.b, self.scale = weight, a, b, scale

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        assert not kwargs and isinstance(args[1], cls), function
        x, w = args[:2]
        term = w.scale * ((x @ w.a.T) @ w.b.T)
        if function is F.linear:
            return F.linear(x, w.weight, args[2]) + term
        assert function in (torch.Tensor.matmul, torch.Tensor.__matmul__), function
        return x @ w.weight + term


def matches(choice, module):
    """PEFT's check_target_module_exists: an expression for the whole path, or names for its end."""
    if isinstance(choice, str):
        return re.fullmatch(choice, module) is not None
    return any(module == name or module.endswith("." + name) for name in choice)


def pattern_value(patterns, module, otherwise):
    """PEFT's get_pattern_key: the first pattern that the end of the path matches."""
    return next((value for key, value in patterns.items() if re.match(rf"(.*\.)?({key})$", module)), otherwise)


def adapted_modules(config, shapes):
    """Rank, scale, in and out features of every module that the configuration chooses."""
    result = {}
    layers = config["layers_to_transform"]
    for name, shape in sorted(shapes.items()):
        module = name[: -len(".weight")]
        # The matrices of layers: embeddings and heads are none of these.
        layer = re.search(r"\.(\d+)\.", module)
        if len(shape) != 2 or layer is None or layers is not None and int(layer.group(1)) not in layers:
            continue
        if not matches(config["target_modules"], module) or matches(config["exclude_modules"] or [], module):
            continue
        rank = pattern_value(config["rank_pattern"], module, config["r"])
        alpha = pattern_value(config["alpha_pattern"], module, config["lora_alpha"])
        scale = alpha / (math.sqrt(rank) if config["use_rslora"] else rank)
        result[module] = (rank, scale, *(shape if config["fan_in_fan_out"] else shape[::-1]))
    return result


def new_adapter(config, modules, base, seed):
    """A uniform within 1/sqrt(in), and B zero, as PEFT has them; of an adapter that was trained before B is not zero, and what is saved
    whole is not the base's."""
    was_trained = config["modules_to_save"] is not None
    draw = np.random.Generator(np.random.PCG64(seed))
    uniform = lambda shape, bound: ((2 * draw.random(shape) - 1) * bound).astype(np.float32)
    result = {}
    for module, (rank, _, inputs, outputs) in modules.items():
        result[module + ".lora_A.weight"] = uniform((rank, inputs), inputs ** -0.5)
        result[module + ".lora_B.weight"] = uniform((outputs, rank), 0.2) if was_trained else np.zeros((outputs, rank), np.float32)
    for name, value in base.items():
        # Whole paths here.
        if name.rsplit(".", 1)[0] in (config["modules_to_save"] or []):
            result[name] = value + uniform(value.shape, 0.1)
    return result


def parameters(adapter):
    return {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in adapter.items()}


def policy_of(base, modules, trained):
    policy = base | {name: value for name, value in trained.items() if ".lora_" not in name}
    for module, (_, scale, _, _) in modules.items():
        weight = module + ".weight"
        policy[weight] = Adapted(base[weight], trained[module + ".lora_A.weight"], trained[module + ".lora_B.weight"], scale)
    return policy


def stage(folder, name, config, model, base, modules, adapter, pairs):
    """Writes an adapter's folder and its gradients; returns the numbers of all pairs."""
    path = os.path.join(folder, name)
    os.makedirs(path)
    dump_sorted(os.path.join(path, "adapter_config.json"), config)
    safetensors_file.write(
        os.path.join(path, "adapter_model.safetensors"), {PREFIX + n: value for n, value in adapter.items()}, {"format": "pt"})
    trained = parameters(adapter)
    score = lambda p, c: families.score(model, policy_of(base, modules, trained), p, c)
    losses = objectives.losses(OBJECTIVE, score, pairs)
    losses.mean().backward()
    gradients = {n: t.grad.numpy() for n, t in trained.items()}
    safetensors_file.write(os.path.join(folder, f"gradients-{name}.safetensors"), gradients)
    logps = {side: [score(p["prompt"], p[side]).tolist() for p in pairs] for side in ("chosen", "rejected")}
    return {"token_logps": logps, "loss": losses.mean().item()}


def dump_sorted(path, value):
    """As PEFT has it: two spaces, fields in order."""
    with open(path, "w") as file:
        json.dump(value, file, indent=2, sort_keys=True)


def train(model, base, modules, adapter, pairs):
    """The mean loss before each step, and the gradient's norm before it is clipped; the numbers after the last."""
    trained = parameters(adapter)
    optimizer = torch.optim.AdamW(trained.values(), lr=LEARNING_RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=WEIGHT_DECAY)
    steps = []
    for step in range(STEPS):
        optimizer.zero_grad()
        policy = policy_of(base, modules, trained)
        loss = objectives.losses(OBJECTIVE, lambda p, c: families.score(model, policy, p, c), families.of_step(pairs, step)).mean()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(trained.values(), CLIP)
        optimizer.step()
        steps.append({"loss": loss.item(), "grad_norm": norm.item()})
    return steps, {name: value.detach().numpy() for name, value in trained.items()}


def make(case, seed, family, stored, changes):
    folder, source = os.path.join(HERE, case), os.path.join(FAMILIES, family)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with open(os.path.join(source, "config.json")) as file:
        model = json.load(file)
    with open(os.path.join(source, "rows.json")) as file:
        pairs = json.load(file)["pairs"]
    weights = safetensors_file.read(os.path.join(source, "model.safetensors"))
    is_quantized = stored in four_bits.FORMS
    kind = families.ROUNDINGS[stored] if stored and not is_quantized else torch.float32
    held = four_bits.held(weights, stored, changes.get("fan_in_fan_out", False)) if is_quantized else weights
    base = {n: torch.tensor(w).to(kind).to(torch.float64) for n, w in held.items()}
    config = PLAIN | {"base_model_name_or_path": f"tiny/{family}"} | changes
    modules = adapted_modules(config, architectures.shapes(model))
    before = new_adapter(config, modules, weights, seed)
    steps, after = train(model, base, modules, before, pairs)
    expected = {"family": family, "stored": stored, "beta": objectives.NUMBERS[OBJECTIVE]["beta"]}
    # What a file holds, rounded to float32, is what the numbers beside it belong to.
    for name, adapter in (("before", before), ("after", {n: v.astype(np.float32) for n, v in after.items()})):
        expected[name] = stage(folder, name, config, model, base, modules, adapter, pairs)
    expected["adamw"] = {"weight_decay": WEIGHT_DECAY, "clip": CLIP, "steps": steps}
    families.dump(os.path.join(folder, "expected.json"), expected)
    norms = [step["grad_norm"] for step in steps]
    print(f"{case}: {len(modules)} modules, loss of all pairs {expected['before']['loss']:.4f} -> {expected['after']['loss']:.4f}, "
        f"norms {min(norms):.3f} to {max(norms):.3f}")


def main():
    for seed, (case, arguments) in enumerate(CASES.items(), 71):
        # The same adapter on a rounded base.
        make(case, seed - (1 if arguments[1] else 0), *arguments)
    for seed, (case, arguments) in enumerate(QUANTIZED.items(), 91):
        make(case, seed, *arguments)
    families.dump(os.path.join(HERE, "provenance.json"), {
        "command": "apt-get install python3-torch libopenblas0-pthread && /usr/bin/python3 tests/golden/adapters/make_golden.py",
        "what": "LoRA adapters of tiny models as PEFT 0.18 lays them out, with token log-probabilities, losses and gradients before and "
        "after fifty steps of AdamW, in float64, y = W x + s B (A x); models, rows and losses are those of ../families",
        "optimizer": {
            "objective": OBJECTIVE, "learning_rate": LEARNING_RATE, "betas": [0.9, 0.999], "epsilon": 1e-8, "weight_decay": WEIGHT_DECAY,
            "clip": CLIP, "steps": STEPS, "rows_of_a_step": sum(families.MICRO),
        },
        "debian": {package: families.debian(package) for package in ("python3-torch", "libopenblas0-pthread", "python3-numpy")},
        "torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version(), "machine": platform.machine(),
    })


if __name__ == "__main__":
    main()
