"""usage: make_golden.py - exports tiny decoders with PyTorch's own ONNX exporter, and writes what PyTorch makes of them. provenance.json says how this was run.

The numbers come the plain way: every prompt + completion is a batch of its own, without padding or pasts, in float64.
"""
import json
import os
import platform
import shutil
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "bench", "pytorch"))

import numpy as np
import torch
import torch.nn.functional as F

import gpt2_like
import llama_like
import onnx_file
import safetensors_file

BETA, LEARNING_RATE, CLIP, STEPS = 0.1, 1e-3, 1.0, 10
# Prompt, chosen, rejected of each pair.
LENGTHS = [(5, 7, 3), (2, 4, 9), (9, 1, 6)]


def decoder(family, kind="Decoder"):
    """The family's decoder with weights large enough that every one matters, in float32."""
    torch.manual_seed(11)
    model = getattr(family, kind)()
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            if weight.dim() > 1:
                weight.uniform_(-0.3, 0.3)
            elif name.endswith("bias"):
                weight.uniform_(-0.2, 0.2)
            else:
                weight.uniform_(0.5, 1.5)
    return model


def token_logps(model, prompt, completion):
    ids = torch.tensor([prompt + completion])
    logits = model(ids, torch.ones_like(ids), torch.arange(ids.shape[1])[None])
    return F.log_softmax(logits[0, len(prompt) - 1:-1], dim=-1)[torch.arange(len(completion)), torch.tensor(completion)]


def losses(model, pairs):
    """Sigmoid-DPO loss of each pair, Eq. 7 of arXiv:2305.18290."""
    result = []
    for pair in pairs:
        chosen, rejected = (token_logps(model, pair["prompt"], pair[side]).sum() - pair[f"ref_{side}_logps"] for side in ("chosen", "rejected"))
        result.append(-F.logsigmoid(BETA * (chosen - rejected)))
    return torch.stack(result)


def train(model, pairs):
    """The loss before each of the first steps, and the gradient's norm before it is clipped."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
    steps = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = losses(model, pairs).mean()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        steps.append({"loss": loss.item(), "grad_norm": norm.item()})
    return steps


def gradients_by_initializer(path, model):
    """The exporter folds transposes and names anew: initializers are matched to parameters by their values."""
    result = {}
    named = dict(model.named_parameters())
    for name, value in onnx_file.initializers(path).items():
        for parameter in named.values():
            known, gradient = parameter.detach().numpy().astype(np.float32), parameter.grad.numpy()
            if value.shape == known.shape and (value == known).all():
                result[name] = gradient
            elif value.ndim == 2 and value.shape == known.shape[::-1] and (value == known.T).all():
                result[name] = np.ascontiguousarray(gradient.T)
    return result


def export_to(path, family, opset, past, kind="Decoder"):
    torch.onnx.export(
        decoder(family, kind).eval(), family.past_inputs() if past else family.inputs(), path, opset_version=opset,
        input_names=family.INPUTS + (family.PASTS if past else []), output_names=family.OUTPUTS + (family.PRESENTS if past else []),
        dynamic_axes=family.PAST_AXES if past else family.AXES)


def export(family, name, opset, model, past=False, kind="Decoder"):
    folder = os.path.join(HERE, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    path = os.path.join(folder, "model.onnx")
    export_to(path, family, opset, past, kind)
    gradients = gradients_by_initializer(path, model)
    safetensors_file.write(os.path.join(folder, "gradients.safetensors"), gradients)
    return path


def export_chain(family, name, opset, past):
    """A model for the tests' tokenizer of 311 tokens and for longer rows; its numbers are nobody's but the programs'."""
    family.VOCABULARY, family.POSITIONS = 311, 256
    path = os.path.join(HERE, name, "model.onnx")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    export_to(path, family, opset, past)


def expected(model, pairs):
    loss = losses(model, pairs)
    loss.mean().backward()
    return {
        "token_logps": [{s: token_logps(model, p["prompt"], p[s]).tolist() for s in ("chosen", "rejected")} for p in pairs],
        "pair_losses": loss.tolist(),
        "loss": loss.mean().item(),
    }


def make(family, exports, pairs):
    model = decoder(family).double()
    numbers = expected(model, pairs)
    numbers["adamw_float32"] = train(decoder(family), pairs)
    numbers["adamw_float64"] = train(decoder(family).double(), pairs)
    for name, options in exports.items():
        path = export(family, name, options["opset"], model, options.get("past", False), options.get("kind", "Decoder"))
        if options.get("outside"):
            onnx_file.move_outside(path, "weights.bin")
        dump(os.path.join(os.path.dirname(path), "expected.json"), numbers)


def random_pairs():
    """Reference sums of the size that the policies' own have, so that no loss is ln 2."""
    random = np.random.Generator(np.random.PCG64(5))
    return [
        {side: random.integers(0, 64, length).tolist() for side, length in zip(("prompt", "chosen", "rejected"), lengths)}
        | {f"ref_{side}_logps": round(-5.0 * length + 8 * random.random() - 4, 3) for side, length in zip(("chosen", "rejected"), lengths[1:])}
        for lengths in LENGTHS
    ]


def dump(path, value):
    with open(path, "w") as file:
        json.dump(value, file, indent=1)
        file.write("\n")


def main():
    pairs = random_pairs()
    dump(os.path.join(HERE, "pairs.json"), {"beta": BETA, "pairs": pairs})
    make(gpt2_like, {"gpt2-opset14": {"opset": 14}, "gpt2-opset17-outside": {"opset": 17, "outside": True}}, pairs)
    make(llama_like, {
        "llama-opset14": {"opset": 14}, "llama-opset16-clipped": {"opset": 16, "kind": "Clipped"}, "llama-opset17-pasts": {"opset": 17, "past": True}}, pairs)
    export_chain(gpt2_like, "chain-gpt2-opset16", 16, past=False)
    export_chain(llama_like, "chain-llama-opset15-pasts", 15, past=True)
    dump(os.path.join(HERE, "provenance.json"), {
        "command": "bench/pytorch/setup.sh && /usr/bin/python3 tests/golden/foreign-onnx/make_golden.py",
        "what": "models by torch.onnx.export; token log-probabilities, sigmoid-DPO loss and its gradients in float64; AdamW steps in float32 and float64",
        "optimizer": {"learning_rate": LEARNING_RATE, "betas": [0.9, 0.999], "epsilon": 1e-8, "weight_decay": 0.0, "clip_grad_norm": CLIP},
        "torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version(), "machine": platform.machine(),
    })


if __name__ == "__main__":
    main()
