"""A Llama-like decoder as a trainer would write it: RMSNorm by parts, rotary tables in buffers, repeated key heads, SwiGLU, an additive mask, pasts."""
import math

import torch
from torch import nn

VOCABULARY, POSITIONS, HIDDEN, INNER, HEADS, KV_HEADS, LAYERS = 64, 48, 16, 24, 4, 2, 2
SIZE = HIDDEN // HEADS


class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(HIDDEN))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5))


class Rotary(nn.Module):
    def __init__(self):
        super().__init__()
        angles = torch.outer(torch.arange(POSITIONS).float(), 1.0 / (10000.0 ** (torch.arange(0, SIZE, 2).float() / SIZE)))
        both = torch.cat((angles, angles), dim=-1)
        self.register_buffer("cos_cached", both.cos()[None, None])
        self.register_buffer("sin_cached", both.sin()[None, None])

    def forward(self, x, width):
        return self.cos_cached[:, :, :width, ...].to(x.dtype), self.sin_cached[:, :, :width, ...].to(x.dtype)


def rotate(x, cos, sin):
    first, second = x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2:]
    return x * cos + torch.cat((-second, first), dim=-1) * sin


def repeat(x, times):
    batch, heads, width, size = x.shape
    return x[:, :, None, :, :].expand(batch, heads, times, width, size).reshape(batch, heads * times, width, size)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q_proj = nn.Linear(HIDDEN, HEADS * SIZE, bias=False)
        self.k_proj = nn.Linear(HIDDEN, KV_HEADS * SIZE, bias=False)
        self.v_proj = nn.Linear(HIDDEN, KV_HEADS * SIZE, bias=False)
        self.o_proj = nn.Linear(HEADS * SIZE, HIDDEN, bias=False)
        self.rotary = Rotary()

    def forward(self, x, mask, position_ids, past):
        batch, width, _ = x.size()
        q = self.q_proj(x).view(batch, width, HEADS, SIZE).transpose(1, 2)
        k = self.k_proj(x).view(batch, width, KV_HEADS, SIZE).transpose(1, 2)
        v = self.v_proj(x).view(batch, width, KV_HEADS, SIZE).transpose(1, 2)
        total = k.shape[-2] + (past[0].shape[-2] if past else 0)
        cos, sin = self.rotary(v, total)
        cos, sin = cos.squeeze(1).squeeze(0)[position_ids].unsqueeze(1), sin.squeeze(1).squeeze(0)[position_ids].unsqueeze(1)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if past:
            k, v = torch.cat([past[0], k], dim=2), torch.cat([past[1], v], dim=2)
        present = (k, v)
        k, v = repeat(k, HEADS // KV_HEADS), repeat(v, HEADS // KV_HEADS)
        scores = torch.matmul(q, k.transpose(2, 3)) / math.sqrt(SIZE) + mask
        scores = torch.max(scores, torch.tensor(torch.finfo(scores.dtype).min, dtype=scores.dtype))
        weights = nn.functional.softmax(scores, dim=-1).to(q.dtype)
        read = torch.matmul(weights, v).transpose(1, 2).contiguous().reshape(batch, width, HIDDEN)
        return self.o_proj(read), present


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.input_norm, self.post_norm = Norm(), Norm()
        self.self_attn = Attention()
        self.gate_proj, self.up_proj = nn.Linear(HIDDEN, INNER, bias=False), nn.Linear(HIDDEN, INNER, bias=False)
        self.down_proj = nn.Linear(INNER, HIDDEN, bias=False)

    def forward(self, x, mask, position_ids, past):
        read, present = self.self_attn(self.input_norm(x), mask, position_ids, past)
        x = x + read
        y = self.post_norm(x)
        return x + self.down_proj(nn.functional.silu(self.gate_proj(y)) * self.up_proj(y)), present


def causal(input_ids, dtype, past_width):
    batch, width = input_ids.shape
    mask = torch.full((width, width), torch.finfo(dtype).min, dtype=dtype)
    steps = torch.arange(width)
    mask = mask.masked_fill(steps < (steps + 1).view(width, 1), 0)
    if past_width is not None:
        mask = torch.cat([torch.zeros(width, past_width, dtype=dtype), mask], dim=-1)
    total = width if past_width is None else width + past_width
    return mask[None, None, :, :].expand(batch, 1, width, total)


def padding(attention_mask, dtype, width):
    batch, total = attention_mask.size()
    visible = attention_mask[:, None, None, :].expand(batch, 1, width, total).to(dtype)
    hidden = 1.0 - visible
    return hidden.masked_fill(hidden.to(torch.bool), torch.finfo(dtype).min)


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_tokens = nn.Embedding(VOCABULARY, HIDDEN)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = Norm()
        self.lm_head = nn.Linear(HIDDEN, VOCABULARY, bias=False)

    def forward(self, input_ids, attention_mask, position_ids, *pasts):
        dtype = self.embed_tokens.weight.dtype
        past_width = pasts[0].shape[2] if pasts else None
        # Two masks of the type's lowest number would add up to -inf; the attention bounds the sum from below.
        mask = causal(input_ids, dtype, past_width) + padding(attention_mask, dtype, input_ids.shape[1])
        x, presents = self.embed_tokens(input_ids), []
        for i, layer in enumerate(self.layers):
            x, present = layer(x, mask, position_ids, pasts[2 * i:2 * i + 2] if pasts else None)
            presents.extend(present)
        logits = self.lm_head(self.norm(x))
        return (logits, *presents) if pasts else logits


class Clipped(Decoder):
    """Logits within bounds, as some serving stacks want them: the same numbers, but no matrix product comes last."""

    def forward(self, input_ids, attention_mask, position_ids):
        return torch.clamp(super().forward(input_ids, attention_mask, position_ids), -1e4, 1e4)


def inputs(batch=2, width=5):
    ids = torch.arange(batch * width).view(batch, width) % VOCABULARY
    return (ids, torch.ones_like(ids), torch.arange(width).expand(batch, width).contiguous())


def past_inputs(batch=2, width=5, past=3):
    ids, _, positions = inputs(batch, width)
    pasts = [torch.zeros(batch, KV_HEADS, past, SIZE) for _ in range(2 * LAYERS)]
    return (ids, torch.ones(batch, width + past, dtype=torch.int64), positions + past, *pasts)


INPUTS = ["input_ids", "attention_mask", "position_ids"]
OUTPUTS = ["logits"]
AXES = {name: {0: "batch", 1: "sequence"} for name in INPUTS + OUTPUTS}
PASTS = [f"past_key_values.{i}.{part}" for i in range(LAYERS) for part in ("key", "value")]
PRESENTS = [f"present.{i}.{part}" for i in range(LAYERS) for part in ("key", "value")]
PAST_AXES = AXES | {"attention_mask": {0: "batch", 1: "past + sequence"}} | {n: {0: "batch", 2: "past"} for n in PASTS} | {
    n: {0: "batch", 2: "past + sequence"} for n in PRESENTS}
