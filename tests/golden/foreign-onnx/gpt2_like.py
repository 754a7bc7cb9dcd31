"""A GPT-2-like decoder as a trainer would write it: learned positions, LayerNorm, one fused projection, a causal mask in a buffer, a tied head."""
import math

import torch
from torch import nn

VOCABULARY, POSITIONS, HIDDEN, HEADS, LAYERS = 64, 48, 16, 4, 2


class Projection(nn.Module):
    """x W + b with W stored [in, out]."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        flat = torch.addmm(self.bias, x.view(-1, x.size(-1)), self.weight)
        return flat.view(x.size()[:-1] + (self.weight.size(1),))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = Projection(HIDDEN, 3 * HIDDEN)
        self.out = Projection(HIDDEN, HIDDEN)
        self.register_buffer("causal", torch.tril(torch.ones(POSITIONS, POSITIONS, dtype=torch.uint8)).view(1, 1, POSITIONS, POSITIONS))

    def forward(self, x, padding):
        q, k, v = (self.heads(part) for part in self.qkv(x).split(HIDDEN, dim=2))
        scores = torch.matmul(q, k.transpose(-1, -2)) / (v.size(-1) ** 0.5)
        queries, keys = q.size(-2), k.size(-2)
        visible = self.causal[:, :, keys - queries:keys, :keys].bool()
        scores = torch.where(visible, scores, torch.tensor(torch.finfo(scores.dtype).min, dtype=scores.dtype))
        weights = nn.functional.softmax(scores + padding, dim=-1)
        merged = torch.matmul(weights, v).permute(0, 2, 1, 3).contiguous()
        return self.out(merged.view(merged.size()[:-2] + (HIDDEN,)))

    @staticmethod
    def heads(x):
        return x.view(x.size()[:-1] + (HEADS, HIDDEN // HEADS)).permute(0, 2, 1, 3)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(HIDDEN), nn.LayerNorm(HIDDEN)
        self.attn = Attention()
        self.up, self.down = Projection(HIDDEN, 4 * HIDDEN), Projection(4 * HIDDEN, HIDDEN)

    def forward(self, x, padding):
        x = x + self.attn(self.ln_1(x), padding)
        y = self.up(self.ln_2(x))
        y = 0.5 * y * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (y + 0.044715 * torch.pow(y, 3.0))))
        return x + self.down(y)


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(VOCABULARY, HIDDEN), nn.Embedding(POSITIONS, HIDDEN)
        self.h = nn.ModuleList(Block() for _ in range(LAYERS))
        self.ln_f = nn.LayerNorm(HIDDEN)
        self.lm_head = nn.Linear(HIDDEN, VOCABULARY, bias=False)
        self.lm_head.weight = self.wte.weight

    def forward(self, input_ids, attention_mask, position_ids):
        padding = attention_mask[:, None, None, :].to(self.wte.weight.dtype)
        padding = (1.0 - padding) * -10000.0
        x = self.wte(input_ids) + self.wpe(position_ids)
        for block in self.h:
            x = block(x, padding)
        return self.lm_head(self.ln_f(x))


def inputs(batch=2, width=5):
    ids = torch.arange(batch * width).view(batch, width) % VOCABULARY
    return (ids, torch.ones_like(ids), torch.arange(width).expand(batch, width).contiguous())


INPUTS = ["input_ids", "attention_mask", "position_ids"]
OUTPUTS = ["logits"]
AXES = {name: {0: "batch", 1: "sequence"} for name in INPUTS + OUTPUTS}
