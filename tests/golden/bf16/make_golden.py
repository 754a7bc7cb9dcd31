"""usage: make_golden.py - writes what bfloat16 costs PyTorch on two small models. provenance.json says how this was run.

Weights and tokens follow from a formula, which the tests know too, and are exact in bfloat16. Each model runs once in float64, which counts as
the truth, and once in bfloat16 the way Hugging Face's models do: norms and softmax in float32 inside, rotary tables rounded, logits rounded
and then widened, one backward pass over the whole padded batch; of several ways the more exact one (fused SiLU and GELU).

The loss is the sum of slope * log-probability over completion tokens, so that both precisions have the same gradient at their end.

steps.json: twenty steps of DPO, once in float64 and once with float32 masters that are rounded to bfloat16 before each pass. The masters start
between the numbers of bfloat16: where they start on them, as a published model does, nothing moves until a master has gone half the way to the
next one, and in float64 everything does.
"""
import json
import math
import os
import platform
import subprocess

import numpy as np
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
VOCAB, POSITIONS, HIDDEN, HEADS, LAYERS, BATCHES = 128, 48, 64, 4, 3, 4
# Prompt, chosen, rejected of each pair.
LENGTHS = [(9, 17, 12), (4, 30, 25), (20, 8, 28), (1, 21, 33), (13, 35, 6), (7, 14, 40)]
STEPS, BETA, CLIP, DECAY = 20, 0.1, 1.0, 0.01
LEARNING_RATES = {"llama": 1e-4, "gpt2": 3e-5}
LLAMA = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": HIDDEN, "intermediate_size": 160, "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS, "num_key_value_heads": 2, "vocab_size": VOCAB, "max_position_embeddings": POSITIONS, "rms_norm_eps": 1e-05,
    "rope_theta": 10000.0, "hidden_act": "silu", "tie_word_embeddings": False,
}
GPT2 = {
    "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_embd": HIDDEN, "n_inner": None, "n_layer": LAYERS, "n_head": HEADS,
    "vocab_size": VOCAB, "n_positions": POSITIONS, "layer_norm_epsilon": 1e-05, "activation_function": "gelu_new",
    "scale_attn_weights": True, "tie_word_embeddings": True,
}


def hashed(count, seed):
    """uint32 numbers: a counter, mixed."""
    x = (np.arange(1, count + 1, dtype=np.uint64) + np.uint64(seed << 20)).astype(np.uint32)
    x = x * np.uint32(2654435761)
    x ^= x >> np.uint32(15)
    x = x * np.uint32(2246822519)
    return x ^ (x >> np.uint32(13))


def weight(name, shape, seed):
    """Norms' scales 1 +- 0.5, embeddings +- 1, everything else +- 1/4: whole multiples of powers of two, of seven bits."""
    numbers = hashed(int(np.prod(shape)), seed)
    if len(shape) == 1 and name.endswith(".weight"):
        return (1 + ((numbers % 127).astype(np.float64) - 63) / 128).reshape(shape)
    return (((numbers % 255).astype(np.float64) - 127) / unit(name, shape)).reshape(shape)


def unit(name, shape):
    is_scale = len(shape) == 1 and name.endswith(".weight")
    return 128 if is_scale or any(part in name for part in ("embed_tokens", "wte", "wpe")) else 512


def rest(name, shape, seed):
    """What takes a weight off the numbers of bfloat16, by less than half the distance of the farthest ones: exact in float32."""
    return (((hashed(int(np.prod(shape)), 500 + seed) % 1023).astype(np.float64) - 511) / 2048 / unit(name, shape)).reshape(shape)


def shapes(config):
    if config["model_type"] == "llama":
        inner, keys = config["intermediate_size"], HIDDEN // HEADS * config["num_key_value_heads"]
        result = {"model.embed_tokens.weight": (VOCAB, HIDDEN), "model.norm.weight": (HIDDEN,), "lm_head.weight": (VOCAB, HIDDEN)}
        for i in range(LAYERS):
            at = f"model.layers.{i}."
            result |= {
                at + "input_layernorm.weight": (HIDDEN,), at + "self_attn.q_proj.weight": (HIDDEN, HIDDEN),
                at + "self_attn.k_proj.weight": (keys, HIDDEN), at + "self_attn.v_proj.weight": (keys, HIDDEN),
                at + "self_attn.o_proj.weight": (HIDDEN, HIDDEN), at + "post_attention_layernorm.weight": (HIDDEN,),
                at + "mlp.gate_proj.weight": (inner, HIDDEN), at + "mlp.up_proj.weight": (inner, HIDDEN), at + "mlp.down_proj.weight": (HIDDEN, inner),
            }
        return result
    result = {"wte.weight": (VOCAB, HIDDEN), "wpe.weight": (POSITIONS, HIDDEN), "ln_f.weight": (HIDDEN,), "ln_f.bias": (HIDDEN,)}
    for i in range(LAYERS):
        for name, *shape in [("ln_1", HIDDEN), ("attn.c_attn", HIDDEN, 3 * HIDDEN), ("attn.c_proj", HIDDEN, HIDDEN), ("ln_2", HIDDEN),
                             ("mlp.c_fc", HIDDEN, 4 * HIDDEN), ("mlp.c_proj", 4 * HIDDEN, HIDDEN)]:
            result |= {f"h.{i}.{name}.weight": tuple(shape), f"h.{i}.{name}.bias": (shape[-1],)}
    return {"transformer." + name: shape for name, shape in result.items()}


def rows(batch):
    ids = hashed(1000, 1000 + batch) % VOCAB
    result, at = [], 0
    for p, c, r in LENGTHS:
        prompt, at = ids[at:at + p], at + p
        for count in (c, r):
            result.append((prompt, ids[at:at + count]))
            at += count
    return result


def slope(row, token):
    """Of a completion's token: chosen up, rejected down."""
    return (1 - 2 * (row % 2)) * (row + 3) / 256


def softmax(scores):
    return torch.softmax(scores, -1, dtype=torch.promote_types(scores.dtype, torch.float32)).to(scores.dtype)


def attention(q, k, v, mask):
    groups = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
    return softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + mask) @ v


def rms_norm(x, w, eps):
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    return w * (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + eps)).to(x.dtype)


def by_head(x, size):
    return x.view(*x.shape[:2], -1, size).transpose(1, 2)


def llama(config, w, ids, mask):
    size, eps = HIDDEN // HEADS, config["rms_norm_eps"]
    frequencies = torch.tensor([config["rope_theta"] ** (-2.0 * i / size) for i in range(size // 2)], dtype=torch.float64)
    angles = torch.arange(ids.shape[1], dtype=torch.float64).unsqueeze(1) * frequencies
    x = w["model.embed_tokens.weight"][ids]
    cos, sin = (torch.cat((t, t), -1).to(x.dtype) for t in (angles.cos(), angles.sin()))

    def turned(t):
        first, second = t.chunk(2, -1)
        return t * cos + torch.cat((-second, first), -1) * sin

    for i in range(LAYERS):
        at = f"model.layers.{i}."
        linear = lambda t, name: F.linear(t, w[f"{at}{name}.weight"])
        h = rms_norm(x, w[at + "input_layernorm.weight"], eps)
        q, k, v = (by_head(linear(h, f"self_attn.{p}_proj"), size) for p in "qkv")
        read = attention(turned(q), turned(k), v, mask)
        x = x + linear(read.transpose(1, 2).reshape(x.shape), "self_attn.o_proj")
        h = rms_norm(x, w[at + "post_attention_layernorm.weight"], eps)
        x = x + linear(F.silu(linear(h, "mlp.gate_proj")) * linear(h, "mlp.up_proj"), "mlp.down_proj")
    return F.linear(rms_norm(x, w["model.norm.weight"], eps), w["lm_head.weight"])


def gpt2(config, w, ids, mask):
    w = {name.removeprefix("transformer."): value for name, value in w.items()}
    x = w["wte.weight"][ids] + w["wpe.weight"][: ids.shape[1]]
    norm = lambda t, name: F.layer_norm(t, (HIDDEN,), w[name + ".weight"], w[name + ".bias"], config["layer_norm_epsilon"])
    conv = lambda t, name: torch.addmm(w[name + ".bias"], t.view(-1, t.shape[-1]), w[name + ".weight"]).view(*t.shape[:2], -1)
    for i in range(LAYERS):
        q, k, v = (by_head(t, HIDDEN // HEADS) for t in conv(norm(x, f"h.{i}.ln_1"), f"h.{i}.attn.c_attn").chunk(3, -1))
        x = x + conv(attention(q, k, v, mask).transpose(1, 2).reshape(x.shape), f"h.{i}.attn.c_proj")
        inner = F.gelu(conv(norm(x, f"h.{i}.ln_2"), f"h.{i}.mlp.c_fc"), approximate="tanh")
        x = x + conv(inner, f"h.{i}.mlp.c_proj")
    return F.linear(norm(x, "ln_f"), w["wte.weight"])


def completions(config, w, batch):
    """Log-probabilities of each completion's tokens."""
    all_rows = rows(batch)
    width = max(len(p) + len(c) for p, c in all_rows)
    ids = torch.zeros(len(all_rows), width, dtype=torch.int64)
    for i, (p, c) in enumerate(all_rows):
        ids[i, :len(p) + len(c)] = torch.tensor(np.concatenate((p, c)).astype(np.int64))
    dtype = next(iter(w.values())).dtype
    hidden = torch.full((width, width), -1e30).triu(1)
    model = llama if config["model_type"] == "llama" else gpt2
    logits = model(config, w, ids, hidden.to(dtype))
    logps = torch.log_softmax(logits.to(torch.promote_types(dtype, torch.float32)), -1)
    return [logps[i, len(p) - 1:len(p) + len(c) - 1].gather(1, torch.tensor(c.astype(np.int64)).unsqueeze(1)).squeeze(1)
            for i, (p, c) in enumerate(all_rows)]


def run(config, weights, batch, dtype):
    """Log-probabilities of the completion tokens, one after the other, and the gradients."""
    w = {name: torch.tensor(value).to(dtype).requires_grad_() for name, value in weights.items()}
    result, total = [], 0
    for i, of_row in enumerate(completions(config, w, batch)):
        total = total + (of_row * torch.tensor([slope(i, t) for t in range(len(of_row))], dtype=of_row.dtype)).sum()
        result.append(of_row.detach().double())
    total.backward()
    return torch.cat(result), {name: value.grad.double() for name, value in w.items()}


def train(config, weights, rate, dtype):
    """What each step of AdamW found, and the masters at the end. The reference is the model as it starts, in the same precision."""
    wide = torch.promote_types(dtype, torch.float32)
    masters = {name: torch.tensor(value).to(wide).requires_grad_() for name, value in weights.items()}
    optimizer = torch.optim.AdamW(masters.values(), lr=rate, betas=(0.9, 0.999), eps=1e-8, weight_decay=DECAY)
    rounded = lambda: {name: master.detach().to(dtype).requires_grad_() for name, master in masters.items()}
    sums = lambda w, batch: torch.stack([logps.double().sum() for logps in completions(config, w, batch)])
    with torch.no_grad():
        reference = [sums(rounded(), batch) for batch in range(BATCHES)]
    steps = []
    for step in range(STEPS):
        w, batch = rounded(), step % BATCHES
        rewards = BETA * (sums(w, batch) - reference[batch])
        margins = rewards[0::2] - rewards[1::2]
        loss = -F.logsigmoid(margins).mean()
        loss.backward()
        for name, master in masters.items():
            master.grad = w[name].grad.to(wide)
        norm = torch.nn.utils.clip_grad_norm_(masters.values(), CLIP)
        optimizer.step()
        steps.append({"loss": loss.item(), "grad_norm": norm.item(), "margins": margins.tolist()})
    return steps, {name: master.detach().double() for name, master in masters.items()}


def probe(values):
    return float((values.ravel().numpy() * ((hashed(values.numel(), 77) % 255).astype(np.float64) - 127)).sum())


def make_steps(name, config):
    weights = {n: weight(n, s, i + 1) + rest(n, s, i + 1) for i, (n, s) in enumerate(sorted(shapes(config).items()))}
    assert all(np.array_equal(v, v.astype(np.float32)) for v in weights.values())
    exact, end = train(config, weights, LEARNING_RATES[name], torch.float64)
    narrow, narrow_end = train(config, weights, LEARNING_RATES[name], torch.bfloat16)
    moves = {n: end[n] - torch.tensor(weights[n]) for n in end}
    dump(os.path.join(HERE, name, "steps.json"), {
        "learning_rate": LEARNING_RATES[name], "beta": BETA, "clip": CLIP, "weight_decay": DECAY, "float64": exact, "bfloat16": narrow,
        "moves": {n: {
            "norm": move.norm().item(), "probe": probe(move), "error": (narrow_end[n] - end[n]).norm().item(),
        } for n, move in moves.items()},
    })


def make(name, config):
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    weights = {n: weight(n, s, i + 1) for i, (n, s) in enumerate(sorted(shapes(config).items()))}
    assert all(np.array_equal(v, torch.tensor(v).bfloat16().double().numpy()) for v in weights.values())
    batches = []
    for batch in range(BATCHES):
        logps, gradients = run(config, weights, batch, torch.float64)
        narrow_logps, narrow = run(config, weights, batch, torch.bfloat16)
        batches.append({
            "logps": {
                "norm": logps.norm().item(), "sum": logps.sum().item(),
                "error": (narrow_logps - logps).norm().item(), "bias": (narrow_logps - logps).sum().item(),
            },
            "gradients": {n: {
                "norm": g.norm().item(), "probe": probe(g),
                "error": (narrow[n] - g).norm().item(),
            } for n, g in gradients.items()},
        })
    dump(os.path.join(folder, "config.json"), config)
    dump(os.path.join(folder, "expected.json"), {"batches": batches})


def dump(path, value):
    with open(path, "w") as file:
        json.dump(value, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    torch.manual_seed(0)
    for name, config in (("llama", LLAMA), ("gpt2", GPT2)):
        make(name, config)
        make_steps(name, config)
    version = lambda package: subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=True).stdout
    dump(os.path.join(HERE, "provenance.json"), {
        "command": "apt-get install python3-torch libopenblas0-pthread && /usr/bin/python3 tests/golden/bf16/make_golden.py",
        "what": "how far PyTorch's bfloat16 on the CPU is from its float64: log-probabilities and gradients of two small models whose weights "
                "are exact in bfloat16; norms, sums and products with a fixed vector say that the model is the same; "
                "and twenty steps of DPO in both (steps.json)",
        "debian": {p: version(p) for p in ("python3-torch", "libopenblas0-pthread", "python3-numpy")},
        "torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version(), "machine": platform.machine(),
    })
