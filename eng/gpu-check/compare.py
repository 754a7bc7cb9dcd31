"""usage: compare.py --config JSON --rank R --pairs N --prompt T --completion T [--steps 6] [--device cuda]

Steps of DPO in plain PyTorch with bfloat16, as GpuCheck's check 9 does them: the same shapes, random weights, packed rows (prompt, chosen,
rejected), the head on completions alone, AdamW. --rank 0 trains all weights, with float32 masters; else LoRA of that rank on every linear
weight of the layers, in float32 over a frozen base. Prints a line of JSON for each loop: the reference's sums from a cache, and computed by
a second pass of the reference (with LoRA the base itself) in each step. Nothing but PyTorch is needed.
"""
import argparse
import json
import time

import torch
import torch.nn.functional as F

LINEAR = [f"self_attn.{p}_proj" for p in "qkvo"] + [f"mlp.{p}_proj" for p in ("gate", "up", "down")]


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--config", required=True, type=json.loads)
    for name in ("rank", "pairs", "prompt", "completion"):
        parser.add_argument(f"--{name}", required=True, type=int)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--device", default="cuda")
    return parser.parse_args()


def shapes(config):
    """Every parameter's name and shape, by Hugging Face's names."""
    hidden, inner, vocabulary = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    narrow = hidden // config["num_attention_heads"] * config["num_key_value_heads"]
    sizes = dict(zip(LINEAR, ((hidden, hidden), (narrow, hidden), (narrow, hidden), (hidden, hidden), (inner, hidden), (inner, hidden),
                              (hidden, inner))))
    found = {"model.embed_tokens.weight": (vocabulary, hidden), "model.norm.weight": (hidden,)}
    if not config["tie_word_embeddings"]:
        found["lm_head.weight"] = (vocabulary, hidden)
    for i in range(config["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        found |= {f"{layer}{norm}.weight": (hidden,) for norm in ("input_layernorm", "post_attention_layernorm")}
        found |= {f"{layer}{name}.weight": shape for name, shape in sizes.items()}
        if config["model_type"] == "qwen2":
            found |= {f"{layer}self_attn.{p}_proj.bias": (hidden if p == "q" else narrow,) for p in "qkv"}
    return found


class Model:
    """weights in bfloat16, or float32 masters that are rounded where they are read; adapters by the name of their weight: (A, B)."""

    def __init__(self, config, rank, device):
        self.config, self.adapters = config, {}
        kept = torch.bfloat16 if rank else torch.float32
        self.weights = {}
        for name, shape in shapes(config).items():
            one = "norm" in name
            self.weights[name] = torch.ones(shape, dtype=kept, device=device) if one else torch.zeros(shape, dtype=kept, device=device) \
                if name.endswith("bias") else torch.empty(shape, dtype=kept, device=device).normal_(0, 0.02)
        if rank:
            for name in [n for n in self.weights if n.startswith("model.layers.") and n.endswith("proj.weight")]:
                rows, columns = self.weights[name].shape
                a = torch.empty(rank, columns, device=device).uniform_(-(columns ** -0.5), columns ** -0.5)
                self.adapters[name] = (a.requires_grad_(), torch.zeros(rows, rank, device=device).requires_grad_())
            self.trained = [t for pair in self.adapters.values() for t in pair]
        else:
            self.trained = [w.requires_grad_() for w in self.weights.values()]

    def weight(self, name):
        return self.weights[name].to(torch.bfloat16)

    def linear(self, x, name, adapted):
        bias = self.weight(name + ".bias") if name + ".bias" in self.weights else None
        y = F.linear(x, self.weight(name + ".weight"), bias)
        if adapted and name + ".weight" in self.adapters:
            a, b = self.adapters[name + ".weight"]
            y = y + 2 * F.linear(F.linear(x, a.to(x.dtype)), b.to(x.dtype))
        return y

    def norm(self, x, name):
        wide = x.float()
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.config["rms_norm_eps"])
        return self.weight(name) * wide.to(x.dtype)

    def logps(self, batch, adapted=True):
        """Sums over each completion, [2 * pairs] float32: chosen, then rejected."""
        config, heads, groups = self.config, self.config["num_attention_heads"], self.config["num_key_value_heads"]
        size = config["hidden_size"] // heads
        rows, width = batch["ids"].shape
        x = F.embedding(batch["ids"], self.weight("model.embed_tokens.weight"))
        frequencies = config["rope_theta"] ** (-torch.arange(0, size, 2, dtype=torch.float32, device=x.device) / size)
        angles = batch["positions"].float()[:, None, :, None] * frequencies
        cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)

        def rotate(t):
            low, high = t.chunk(2, -1)
            return torch.cat((low * cos - high * sin, high * cos + low * sin), -1)

        for i in range(config["num_hidden_layers"]):
            layer = f"model.layers.{i}."
            h = self.norm(x, layer + "input_layernorm.weight")
            q, k, v = (self.linear(h, f"{layer}self_attn.{p}_proj", adapted).view(rows, width, -1, size).transpose(1, 2) for p in "qkv")
            q, k, v = rotate(q), rotate(k).repeat_interleave(heads // groups, 1), v.repeat_interleave(heads // groups, 1)
            attention = F.scaled_dot_product_attention(q, k, v, attn_mask=batch["mask"])
            x = x + self.linear(attention.transpose(1, 2).reshape(rows, width, -1), layer + "self_attn.o_proj", adapted)
            h = self.norm(x, layer + "post_attention_layernorm.weight")
            gated = F.silu(self.linear(h, layer + "mlp.gate_proj", adapted)) * self.linear(h, layer + "mlp.up_proj", adapted)
            x = x + self.linear(gated, layer + "mlp.down_proj", adapted)
        x = self.norm(x, "model.norm.weight").flatten(0, 1).index_select(0, batch["index"])
        head = self.weight("model.embed_tokens.weight" if config["tie_word_embeddings"] else "lm_head.weight")
        scored = -F.cross_entropy(F.linear(x, head).float(), batch["targets"], reduction="none")
        return scored.view(2 * rows, -1).sum(-1)


def packed(config, pairs, prompt, completion, device):
    """One pair a row: prompt, chosen, rejected; a completion sees the prompt and itself."""
    generator = torch.Generator().manual_seed(3)
    ids = torch.randint(config["vocab_size"], (pairs, prompt + 2 * completion), generator=generator)
    segments = torch.tensor([0] * prompt + [1] * completion + [2] * completion)
    positions = torch.cat([torch.arange(prompt), *(torch.arange(prompt, prompt + completion) for _ in range(2))])
    seen = ((segments == 0)[None, :] | (segments[:, None] == segments[None, :])).tril()
    mask = torch.where(seen, 0.0, float("-inf")).to(torch.bfloat16)
    width = ids.shape[1]
    # The position that predicts each token: the prompt's last one for the first of a completion.
    before = [torch.cat([torch.tensor([prompt - 1]), torch.arange(start, start + completion - 1)]) for start in (prompt, prompt + completion)]
    index = torch.cat([row * width + b for b in before for row in range(pairs)])
    targets = torch.cat([ids[row, start:start + completion] for start in (prompt, prompt + completion) for row in range(pairs)])
    found = {"ids": ids, "positions": positions.expand(pairs, -1), "mask": mask.expand(pairs, 1, -1, -1), "index": index, "targets": targets}
    return {name: tensor.to(device) for name, tensor in found.items()}


def measure(options, is_cached):
    device = options.device
    torch.manual_seed(1)
    is_cuda = device.startswith("cuda")
    if is_cuda:
        torch.cuda.reset_peak_memory_stats()
    model = Model(options.config, options.rank, device)
    batch = packed(options.config, options.pairs, options.prompt, options.completion, device)
    frozen = None
    if not is_cached and not options.rank:
        # A reference of its own, in bfloat16.
        frozen = Model.__new__(Model)
        frozen.config, frozen.adapters = model.config, {}
        frozen.weights = {name: weight.detach().to(torch.bfloat16) for name, weight in model.weights.items()}
    optimizer = torch.optim.AdamW(model.trained, lr=1e-6, weight_decay=0.0, fused=is_cuda)
    reference = torch.zeros(2 * options.pairs, device=device)
    seconds = []
    for step in range(2 + options.steps):
        if is_cuda:
            torch.cuda.synchronize()
        start = time.perf_counter()
        if not is_cached:
            with torch.no_grad():
                reference = (frozen or model).logps(batch, adapted=False)
        optimizer.zero_grad(set_to_none=True)
        chosen, rejected = (model.logps(batch) - reference).chunk(2)
        loss = -F.logsigmoid(0.1 * (chosen - rejected)).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.trained, 1.0)
        optimizer.step()
        if is_cuda:
            torch.cuda.synchronize()
        if step >= 2:
            seconds.append(time.perf_counter() - start)
    tokens = options.pairs * (options.prompt + 2 * options.completion)
    print(json.dumps({
        "loop": "reference cached" if is_cached else "reference in each step", "tokens_per_second": tokens / sorted(seconds)[len(seconds) // 2],
        "peak_bytes": torch.cuda.max_memory_allocated() if is_cuda else 0, "loss": loss.item(),
    }), flush=True)


def main():
    options = arguments()
    for is_cached in (True, False):
        measure(options, is_cached)
        if options.device.startswith("cuda"):
            torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
