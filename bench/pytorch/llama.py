"""Llama in plain PyTorch, weights by their Hugging Face names: RMSNorm, rotary positions, grouped-query attention, SwiGLU."""
import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight


def rotate(x, cos, sin):
    """x [batch, heads, seq, head_dim]: the two halves of a head are one rotation's coordinates, as in Hugging Face's weights."""
    half = x.shape[-1] // 2
    return torch.cat((x[..., :half] * cos - x[..., half:] * sin, x[..., half:] * cos + x[..., :half] * sin), -1)


def hidden_states(config, weights, input_ids, position_ids, mask):
    """Hidden states after the last norm, [batch, seq, hidden]. mask: additive, broadcast to [batch, heads, seq, seq]."""
    eps, heads, groups = config["rms_norm_eps"], config["num_attention_heads"], config["num_key_value_heads"]
    size = config["hidden_size"] // heads
    batch, seq = input_ids.shape
    x = F.embedding(input_ids, weights["model.embed_tokens.weight"])
    frequencies = config["rope_theta"] ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
    angles = (position_ids.double().unsqueeze(-1) * frequencies).unsqueeze(1)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    for i in range(config["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        h = rms_norm(x, weights[layer + "input_layernorm.weight"], eps)
        q, k, v = (F.linear(h, weights[f"{layer}self_attn.{p}_proj.weight"]).view(batch, seq, -1, size).transpose(1, 2) for p in "qkv")
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        k, v = (t.repeat_interleave(heads // groups, 1) for t in (k, v))
        attention = torch.softmax(q @ k.transpose(-1, -2) * size**-0.5 + mask, -1) @ v
        x = x + F.linear(attention.transpose(1, 2).reshape(batch, seq, -1), weights[layer + "self_attn.o_proj.weight"])
        h = rms_norm(x, weights[layer + "post_attention_layernorm.weight"], eps)
        gate, up = (F.linear(h, weights[f"{layer}mlp.{p}_proj.weight"]) for p in ("gate", "up"))
        x = x + F.linear(F.silu(gate) * up, weights[layer + "mlp.down_proj.weight"])
    return rms_norm(x, weights["model.norm.weight"], eps)


def head(config, weights, hidden):
    """Logits of hidden states."""
    tied = config["tie_word_embeddings"]
    return F.linear(hidden, weights["model.embed_tokens.weight" if tied else "lm_head.weight"])


def token_logps(logits, ids):
    """Log-probabilities of ids, one per row of logits."""
    return torch.log_softmax(logits, -1).gather(-1, ids.unsqueeze(-1)).squeeze(-1)


def causal_mask(seq, dtype):
    """Additive [seq, seq]: each position sees itself and those before it."""
    return torch.full((seq, seq), -1e30, dtype=dtype).triu(1)


def shapes(config):
    """Every parameter's name and shape."""
    hidden, inner, vocab = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    narrow = hidden // config["num_attention_heads"] * config["num_key_value_heads"]
    result = {"model.embed_tokens.weight": (vocab, hidden), "model.norm.weight": (hidden,)}
    if not config["tie_word_embeddings"]:
        result["lm_head.weight"] = (vocab, hidden)
    for i in range(config["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        for norm in ("input_layernorm", "post_attention_layernorm"):
            result[f"{layer}{norm}.weight"] = (hidden,)
        for name, rows, columns in (("q", hidden, hidden), ("k", narrow, hidden), ("v", narrow, hidden), ("o", hidden, hidden)):
            result[f"{layer}self_attn.{name}_proj.weight"] = (rows, columns)
        for name, rows, columns in (("gate", inner, hidden), ("up", inner, hidden), ("down", hidden, inner)):
            result[f"{layer}mlp.{name}_proj.weight"] = (rows, columns)
    return result
