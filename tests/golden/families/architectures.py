"""Llama, Mistral, Qwen2 and GPT-2 in plain PyTorch, weights by their Hugging Face names, one sequence at a time: ids [seq] -> logits [seq, vocab]."""
import math

import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps):
    return weight * (x / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt())


def inverse_frequencies(config, size):
    """Of each pair of features, in float64; rope_type default, linear or llama3."""
    plain = [config["rope_theta"] ** (-2.0 * i / size) for i in range(size // 2)]
    scaling = config.get("rope_scaling")
    if scaling is None:
        return plain
    if scaling["rope_type"] == "linear":
        return [f / scaling["factor"] for f in plain]
    assert scaling["rope_type"] == "llama3"
    low, high, original = scaling["low_freq_factor"], scaling["high_freq_factor"], scaling["original_max_position_embeddings"]
    result = []
    for f in plain:
        wavelength = 2 * math.pi / f
        if wavelength < original / high:
            result.append(f)
        elif wavelength > original / low:
            result.append(f / scaling["factor"])
        else:
            smooth = (original / wavelength - low) / (high - low)
            result.append((1 - smooth) * f / scaling["factor"] + smooth * f)
    return result


def rotate(x, angles):
    """x [heads, seq, size], angles [seq, size / 2]: rotate_half, both halves by the same angles."""
    cos, sin = (torch.cat((f, f), -1) for f in (angles.cos(), angles.sin()))
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat((-second, first), -1) * sin


def attention(q, k, v, window, scaled=True):
    """[heads, seq, size] each; a query sees itself and the window - 1 tokens before it."""
    seq = q.shape[1]
    distance = torch.arange(seq).unsqueeze(1) - torch.arange(seq).unsqueeze(0)
    seen = (distance >= 0) & (distance < window)
    scores = (q @ k.transpose(1, 2)) / (math.sqrt(q.shape[-1]) if scaled else 1)
    return torch.softmax(scores.masked_fill(~seen, -math.inf), -1) @ v


def window_of(config, layer):
    kind = config["model_type"]
    if kind == "mistral" and config["sliding_window"] is not None:
        return config["sliding_window"]
    if kind == "qwen2" and config["use_sliding_window"] and layer >= config["max_window_layers"]:
        return config["sliding_window"]
    return 10**9


def llama(config, w, ids):
    """model_type llama, mistral and qwen2; a bias is added wherever there is one."""
    heads, groups = config["num_attention_heads"], config["num_key_value_heads"]
    size, eps = config["hidden_size"] // heads, config["rms_norm_eps"]
    seq = len(ids)

    def linear(x, name):
        return F.linear(x, w[name + ".weight"], w.get(name + ".bias"))

    x = w["model.embed_tokens.weight"][ids]
    frequencies = torch.tensor(inverse_frequencies(config, size), dtype=torch.float64)
    angles = (torch.arange(seq, dtype=torch.float64).unsqueeze(1) * frequencies).to(x.dtype)
    for i in range(config["num_hidden_layers"]):
        at = f"model.layers.{i}."
        h = rms_norm(x, w[at + "input_layernorm.weight"], eps)
        q, k, v = (linear(h, f"{at}self_attn.{p}_proj").view(seq, -1, size).transpose(0, 1) for p in "qkv")
        k, v = (rotate(k, angles).repeat_interleave(heads // groups, 0), v.repeat_interleave(heads // groups, 0))
        read = attention(rotate(q, angles), k, v, window_of(config, i))
        x = x + linear(read.transpose(0, 1).reshape(seq, -1), at + "self_attn.o_proj")
        h = rms_norm(x, w[at + "post_attention_layernorm.weight"], eps)
        x = x + linear(F.silu(linear(h, at + "mlp.gate_proj")) * linear(h, at + "mlp.up_proj"), at + "mlp.down_proj")
    x = rms_norm(x, w["model.norm.weight"], eps)
    return x @ w["model.embed_tokens.weight" if config["tie_word_embeddings"] else "lm_head.weight"].T


def gelu_new(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def gpt2(config, w, ids):
    """Learned positions, LayerNorm, Conv1D weights [in, out]."""
    heads, eps, width = config["n_head"], config["layer_norm_epsilon"], config["n_embd"]
    gelu = {"gelu_new": gelu_new, "gelu": F.gelu}[config["activation_function"]]
    seq = len(ids)

    def norm(x, name):
        return F.layer_norm(x, (width,), w[name + ".weight"], w[name + ".bias"], eps)

    def conv1d(x, name):
        return x @ w[name + ".weight"] + w[name + ".bias"]

    x = w["transformer.wte.weight"][ids] + w["transformer.wpe.weight"][:seq]
    for i in range(config["n_layer"]):
        at = f"transformer.h.{i}."
        q, k, v = (p.view(seq, heads, -1).transpose(0, 1) for p in conv1d(norm(x, at + "ln_1"), at + "attn.c_attn").split(width, -1))
        x = x + conv1d(attention(q, k, v, 10**9, config["scale_attn_weights"]).transpose(0, 1).reshape(seq, width), at + "attn.c_proj")
        x = x + conv1d(gelu(conv1d(norm(x, at + "ln_2"), at + "mlp.c_fc")), at + "mlp.c_proj")
    return norm(x, "transformer.ln_f") @ w["transformer.wte.weight" if config["tie_word_embeddings"] else "lm_head.weight"].T


def logits(config, weights, ids):
    return (gpt2 if config["model_type"] == "gpt2" else llama)(config, weights, ids)


def shapes(config):
    """Every parameter's name and shape."""
    if config["model_type"] == "gpt2":
        width, inner = config["n_embd"], config["n_inner"] or 4 * config["n_embd"]
        result = {"transformer.wte.weight": (config["vocab_size"], width), "transformer.wpe.weight": (config["n_positions"], width)}
        for i in range(config["n_layer"]):
            at = f"transformer.h.{i}."
            matrices = {"attn.c_attn": (width, 3 * width), "attn.c_proj": (width, width), "mlp.c_fc": (width, inner), "mlp.c_proj": (inner, width)}
            for name, (rows, columns) in matrices.items():
                result |= {f"{at}{name}.weight": (rows, columns), f"{at}{name}.bias": (columns,)}
            result |= {f"{at}{name}.{part}": (width,) for name in ("ln_1", "ln_2") for part in ("weight", "bias")}
        if not config["tie_word_embeddings"]:
            result["lm_head.weight"] = (config["vocab_size"], width)
        return result | {"transformer.ln_f.weight": (width,), "transformer.ln_f.bias": (width,)}

    hidden, inner, vocab = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    narrow = hidden // config["num_attention_heads"] * config["num_key_value_heads"]
    qkv_bias = config["model_type"] == "qwen2" or config.get("attention_bias", False)
    result = {"model.embed_tokens.weight": (vocab, hidden), "model.norm.weight": (hidden,)}
    if not config["tie_word_embeddings"]:
        result["lm_head.weight"] = (vocab, hidden)
    for i in range(config["num_hidden_layers"]):
        at = f"model.layers.{i}."
        result |= {at + "input_layernorm.weight": (hidden,), at + "post_attention_layernorm.weight": (hidden,)}
        o_bias, mlp_bias = config.get("attention_bias", False), config.get("mlp_bias", False)
        for name, rows, columns, bias in (
            ("self_attn.q_proj", hidden, hidden, qkv_bias), ("self_attn.k_proj", narrow, hidden, qkv_bias),
            ("self_attn.v_proj", narrow, hidden, qkv_bias), ("self_attn.o_proj", hidden, hidden, o_bias),
            ("mlp.gate_proj", inner, hidden, mlp_bias), ("mlp.up_proj", inner, hidden, mlp_bias), ("mlp.down_proj", hidden, inner, mlp_bias),
        ):
            result[f"{at}{name}.weight"] = (rows, columns)
            if bias:
                result[f"{at}{name}.bias"] = (rows,)
    return result
