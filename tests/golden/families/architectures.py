"""The families in plain PyTorch, weights by their Hugging Face names, one sequence at a time: ids [seq] -> logits [seq, vocab]."""
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


def layers_of(config):
    return range(config["num_hidden_layers"])


def heads_of(x, count):
    """[seq, count * size] -> [count, seq, size]."""
    return x.view(len(x), count, -1).transpose(0, 1)


def grouped(config, q, k, v, window=10**9, scale=None, cap=None):
    """Heads [heads, seq, size] and groups of them; what they read, [seq, heads * size]."""
    times = config["num_attention_heads"] // config["num_key_value_heads"]
    k, v = (t.repeat_interleave(times, 0) for t in (k, v))
    seq = q.shape[1]
    scores = q @ k.transpose(1, 2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    if cap is not None:
        scores = torch.tanh(scores / cap) * cap
    distance = torch.arange(seq).unsqueeze(1) - torch.arange(seq).unsqueeze(0)
    weights = torch.softmax(scores.masked_fill((distance < 0) | (distance >= window), -math.inf), -1)
    return (weights @ v).transpose(0, 1).reshape(seq, -1)


def rope_type(config):
    scaling = config.get("rope_scaling") or {}
    return scaling.get("rope_type", scaling.get("type", "default")), scaling


def yarn(config, size):
    """arXiv:2309.00071, section 3.2 and 3.4, with Hugging Face's names: frequencies and the factor of cosines and sines."""
    scaling = config["rope_scaling"]
    factor, base, positions = scaling["factor"], config["rope_theta"], scaling["original_max_position_embeddings"]

    def pair_with(turns):
        # The index i for which positions * base^(-2i / size) = 2 pi turns.
        return size / 2 * math.log(positions / (2 * math.pi * turns), base)

    low, high = pair_with(scaling.get("beta_fast", 32)), pair_with(scaling.get("beta_slow", 1))
    if scaling.get("truncate", True):
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, size - 1)
    high += 0.001 if low == high else 0
    result = []
    for i in range(size // 2):
        plain = base ** (-2 * i / size)
        interpolated = min(max((i - low) / (high - low), 0), 1)
        result.append((1 - interpolated) * plain + interpolated * plain / factor)

    def temperature(weight):
        return 1.0 if factor <= 1 else 0.1 * weight * math.log(factor) + 1

    if "attention_factor" in scaling:
        return result, scaling["attention_factor"]
    if scaling.get("mscale") and scaling.get("mscale_all_dim"):
        return result, temperature(scaling["mscale"]) / temperature(scaling["mscale_all_dim"])
    return result, temperature(1)


def longrope(config, size):
    """arXiv:2402.13753; the longest sequence of a run chooses the list, and runs here are as long as the model's positions."""
    scaling = config["rope_scaling"]
    original = config["original_max_position_embeddings"]
    stretch = config["max_position_embeddings"] / original
    lists = scaling["long_factor"] if config["max_position_embeddings"] > original else scaling["short_factor"]
    factor = 1.0 if stretch <= 1 else math.sqrt(1 + math.log(stretch) / math.log(original))
    return [config["rope_theta"] ** (-2 * i / size) / lists[i] for i in range(size // 2)], scaling.get("attention_factor", factor)


def rotation(config, seq, size, theta=None):
    """cos and sin [seq, width], both halves by the same angles, of the first width features of a head."""
    width = int(size * config.get("partial_rotary_factor", 1))
    kind, _ = rope_type(config)
    if theta is not None:
        frequencies, factor = [theta ** (-2 * i / width) for i in range(width // 2)], 1.0
    elif kind == "yarn":
        frequencies, factor = yarn(config, width)
    elif kind == "longrope":
        frequencies, factor = longrope(config, width)
    elif kind == "dynamic":
        # Nothing is stretched within the original positions.
        frequencies, factor = inverse_frequencies(config | {"rope_scaling": None}, width), 1.0
    else:
        frequencies, factor = inverse_frequencies(config, width), 1.0
    angles = torch.arange(seq, dtype=torch.float64).unsqueeze(1) * torch.tensor(frequencies, dtype=torch.float64)
    angles = torch.cat((angles, angles), -1)
    return angles.cos() * factor, angles.sin() * factor


def turned(x, cos_sin):
    """x [heads, seq, size]: the first features rotated, the rest left alone."""
    cos, sin = (t.to(x.dtype) for t in cos_sin)
    width = cos.shape[-1]
    head, rest = x[..., :width], x[..., width:]
    half = width // 2
    swapped = torch.cat((-head[..., half:], head[..., :half]), -1)
    return torch.cat((head * cos + swapped * sin, rest), -1)


def linear_of(w, at):
    return lambda x, name: F.linear(x, w[at + name + ".weight"], w.get(at + name + ".bias"))


def head_of(config, w):
    return w["model.embed_tokens.weight" if config["tie_word_embeddings"] else "lm_head.weight"]


def rope_llama(config, w, ids):
    """A Llama with any kind of rotary positions."""
    size, eps = config["hidden_size"] // config["num_attention_heads"], config["rms_norm_eps"]
    positions = rotation(config, len(ids), size)
    x = w["model.embed_tokens.weight"][ids]
    for i in layers_of(config):
        at = f"model.layers.{i}."
        linear = linear_of(w, at)
        h = rms_norm(x, w[at + "input_layernorm.weight"], eps)
        q = heads_of(linear(h, "self_attn.q_proj"), config["num_attention_heads"])
        k, v = (heads_of(linear(h, f"self_attn.{name}_proj"), config["num_key_value_heads"]) for name in "kv")
        x = x + linear(grouped(config, turned(q, positions), turned(k, positions), v), "self_attn.o_proj")
        h = rms_norm(x, w[at + "post_attention_layernorm.weight"], eps)
        x = x + linear(F.silu(linear(h, "mlp.gate_proj")) * linear(h, "mlp.up_proj"), "mlp.down_proj")
    return rms_norm(x, w["model.norm.weight"], eps) @ head_of(config, w).T


def qwen3(config, w, ids):
    """arXiv:2505.09388: a norm of every head's queries and keys before their rotation; heads of a size of their own."""
    size, eps = config["head_dim"], config["rms_norm_eps"]
    positions = rotation(config, len(ids), size)
    x = w["model.embed_tokens.weight"][ids]
    for i in layers_of(config):
        at = f"model.layers.{i}."
        linear = linear_of(w, at)
        h = rms_norm(x, w[at + "input_layernorm.weight"], eps)
        q = rms_norm(heads_of(linear(h, "self_attn.q_proj"), config["num_attention_heads"]), w[at + "self_attn.q_norm.weight"], eps)
        k = rms_norm(heads_of(linear(h, "self_attn.k_proj"), config["num_key_value_heads"]), w[at + "self_attn.k_norm.weight"], eps)
        v = heads_of(linear(h, "self_attn.v_proj"), config["num_key_value_heads"])
        window = config["sliding_window"] if config["use_sliding_window"] and i >= config["max_window_layers"] else 10**9
        x = x + linear(grouped(config, turned(q, positions), turned(k, positions), v, window), "self_attn.o_proj")
        h = rms_norm(x, w[at + "post_attention_layernorm.weight"], eps)
        x = x + linear(F.silu(linear(h, "mlp.gate_proj")) * linear(h, "mlp.up_proj"), "mlp.down_proj")
    return rms_norm(x, w["model.norm.weight"], eps) @ head_of(config, w).T


def phi3(config, w, ids):
    """arXiv:2404.14219: one matrix for queries, keys and values in this order, one for gate and up."""
    heads, groups, eps = config["num_attention_heads"], config["num_key_value_heads"], config["rms_norm_eps"]
    size = config["hidden_size"] // heads
    positions = rotation(config, len(ids), size)
    window = config["sliding_window"] or 10**9
    x = w["model.embed_tokens.weight"][ids]
    for i in layers_of(config):
        at = f"model.layers.{i}."
        linear = linear_of(w, at)
        h = linear(rms_norm(x, w[at + "input_layernorm.weight"], eps), "self_attn.qkv_proj")
        q = heads_of(h[:, : heads * size], heads)
        k = heads_of(h[:, heads * size: (heads + groups) * size], groups)
        v = heads_of(h[:, (heads + groups) * size:], groups)
        x = x + linear(grouped(config, turned(q, positions), turned(k, positions), v, window), "self_attn.o_proj")
        both = linear(rms_norm(x, w[at + "post_attention_layernorm.weight"], eps), "mlp.gate_up_proj")
        inner = config["intermediate_size"]
        x = x + linear(both[:, inner:] * F.silu(both[:, :inner]), "mlp.down_proj")
    return rms_norm(x, w["model.norm.weight"], eps) @ head_of(config, w).T


def gemma(config, w, ids):
    """Gemma 2 (arXiv:2408.00118) and 3 (arXiv:2503.19786)."""
    third = config["model_type"] == "gemma3_text"
    size, eps = config["head_dim"], config["rms_norm_eps"]
    whole = rotation(config, len(ids), size)
    local = rotation(config, len(ids), size, theta=config["rope_local_base_freq"]) if third else whole

    def norm(x, name):
        return rms_norm(x, 1 + w[name + ".weight"], eps)

    # The root as a model in float32 has it.
    x = w["model.embed_tokens.weight"][ids]
    x = x * torch.tensor(config["hidden_size"] ** 0.5, dtype=torch.float32).to(x.dtype)
    for i in layers_of(config):
        at = f"model.layers.{i}."
        linear = linear_of(w, at)
        sliding = config["layer_types"][i] == "sliding_attention" if "layer_types" in config else (i + 1) % config.get("sliding_window_pattern", 2) != 0
        positions = local if sliding else whole
        h = norm(x, at + "input_layernorm")
        q = heads_of(linear(h, "self_attn.q_proj"), config["num_attention_heads"])
        k, v = (heads_of(linear(h, f"self_attn.{name}_proj"), config["num_key_value_heads"]) for name in "kv")
        if third:
            q, k = norm(q, at + "self_attn.q_norm"), norm(k, at + "self_attn.k_norm")
        read = grouped(
            config, turned(q, positions), turned(k, positions), v, config["sliding_window"] if sliding else 10**9,
            config["query_pre_attn_scalar"] ** -0.5, config["attn_logit_softcapping"])
        x = x + norm(linear(read, "self_attn.o_proj"), at + "post_attention_layernorm")
        h = norm(x, at + "pre_feedforward_layernorm")
        h = linear(gelu_new(linear(h, "mlp.gate_proj")) * linear(h, "mlp.up_proj"), "mlp.down_proj")
        x = x + norm(h, at + "post_feedforward_layernorm")
    scores = norm(x, "model.norm") @ head_of(config, w).T
    cap = config["final_logit_softcapping"]
    return scores if cap is None else torch.tanh(scores / cap) * cap


def smollm3(config, w, ids):
    """Layers without rotary positions, which are those with the window."""
    size, eps = config["hidden_size"] // config["num_attention_heads"], config["rms_norm_eps"]
    positions = rotation(config, len(ids), size)
    x = w["model.embed_tokens.weight"][ids]
    for i in layers_of(config):
        at = f"model.layers.{i}."
        linear = linear_of(w, at)
        h = rms_norm(x, w[at + "input_layernorm.weight"], eps)
        q = heads_of(linear(h, "self_attn.q_proj"), config["num_attention_heads"])
        k, v = (heads_of(linear(h, f"self_attn.{name}_proj"), config["num_key_value_heads"]) for name in "kv")
        rotated = (i + 1) % config["no_rope_layer_interval"] != 0
        window = config["sliding_window"] if config["use_sliding_window"] and not rotated else 10**9
        q, k = (turned(q, positions), turned(k, positions)) if rotated else (q, k)
        x = x + linear(grouped(config, q, k, v, window), "self_attn.o_proj")
        h = rms_norm(x, w[at + "post_attention_layernorm.weight"], eps)
        x = x + linear(F.silu(linear(h, "mlp.gate_proj")) * linear(h, "mlp.up_proj"), "mlp.down_proj")
    return rms_norm(x, w["model.norm.weight"], eps) @ head_of(config, w).T


def olmo2(config, w, ids):
    """arXiv:2501.00656: norms of what each part gives, and of all queries and all keys."""
    size, eps = config["hidden_size"] // config["num_attention_heads"], config["rms_norm_eps"]
    positions = rotation(config, len(ids), size)
    x = w["model.embed_tokens.weight"][ids]
    for i in layers_of(config):
        at = f"model.layers.{i}."
        linear = linear_of(w, at)
        q = heads_of(rms_norm(linear(x, "self_attn.q_proj"), w[at + "self_attn.q_norm.weight"], eps), config["num_attention_heads"])
        k = heads_of(rms_norm(linear(x, "self_attn.k_proj"), w[at + "self_attn.k_norm.weight"], eps), config["num_key_value_heads"])
        v = heads_of(linear(x, "self_attn.v_proj"), config["num_key_value_heads"])
        read = linear(grouped(config, turned(q, positions), turned(k, positions), v), "self_attn.o_proj")
        x = x + rms_norm(read, w[at + "post_attention_layernorm.weight"], eps)
        h = linear(F.silu(linear(x, "mlp.gate_proj")) * linear(x, "mlp.up_proj"), "mlp.down_proj")
        x = x + rms_norm(h, w[at + "post_feedforward_layernorm.weight"], eps)
    return rms_norm(x, w["model.norm.weight"], eps) @ head_of(config, w).T


def granite(config, w, ids):
    """arXiv:2408.13359: a multiplier for embeddings, scores and residuals; logits divided."""
    size, eps, residual = config["hidden_size"] // config["num_attention_heads"], config["rms_norm_eps"], config["residual_multiplier"]
    positions = rotation(config, len(ids), size)
    x = w["model.embed_tokens.weight"][ids] * config["embedding_multiplier"]
    for i in layers_of(config):
        at = f"model.layers.{i}."
        linear = linear_of(w, at)
        h = rms_norm(x, w[at + "input_layernorm.weight"], eps)
        q = heads_of(linear(h, "self_attn.q_proj"), config["num_attention_heads"])
        k, v = (heads_of(linear(h, f"self_attn.{name}_proj"), config["num_key_value_heads"]) for name in "kv")
        read = grouped(config, turned(q, positions), turned(k, positions), v, scale=config["attention_multiplier"])
        x = x + linear(read, "self_attn.o_proj") * residual
        h = rms_norm(x, w[at + "post_attention_layernorm.weight"], eps)
        x = x + linear(F.silu(linear(h, "mlp.gate_proj")) * linear(h, "mlp.up_proj"), "mlp.down_proj") * residual
    return rms_norm(x, w["model.norm.weight"], eps) @ head_of(config, w).T / config["logits_scaling"]


FAMILIES = {
    "gpt2": gpt2, "qwen3": qwen3, "phi3": phi3, "gemma2": gemma, "gemma3_text": gemma, "smollm3": smollm3, "olmo2": olmo2, "granite": granite,
}


def logits(config, weights, ids):
    kind, _ = rope_type(config)
    otherwise = rope_llama if kind in ("yarn", "longrope", "dynamic") else llama
    return FAMILIES.get(config["model_type"], otherwise)(config, weights, ids)


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

    kind, hidden, inner, vocab = config["model_type"], config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    size = config.get("head_dim") or hidden // config["num_attention_heads"]
    wide, narrow = size * config["num_attention_heads"], size * config["num_key_value_heads"]
    qkv_bias = kind == "qwen2" or config.get("attention_bias", False)
    norms = {
        "olmo2": ["post_attention_layernorm", "post_feedforward_layernorm"],
        "gemma2": ["input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"],
    }
    norms["gemma3_text"] = norms["gemma2"]
    result = {"model.embed_tokens.weight": (vocab, hidden), "model.norm.weight": (hidden,)}
    if not config["tie_word_embeddings"]:
        result["lm_head.weight"] = (vocab, hidden)
    for i in range(config["num_hidden_layers"]):
        at = f"model.layers.{i}."
        result |= {f"{at}{name}.weight": (hidden,) for name in norms.get(kind, ["input_layernorm", "post_attention_layernorm"])}
        if kind in ("qwen3", "gemma3_text"):
            result |= {at + "self_attn.q_norm.weight": (size,), at + "self_attn.k_norm.weight": (size,)}
        if kind == "olmo2":
            result |= {at + "self_attn.q_norm.weight": (wide,), at + "self_attn.k_norm.weight": (narrow,)}
        o_bias, mlp_bias = config.get("attention_bias", False), config.get("mlp_bias", False)
        fused = kind == "phi3"
        for name, rows, columns, bias in (
            *([("self_attn.qkv_proj", wide + 2 * narrow, hidden, False), ("mlp.gate_up_proj", 2 * inner, hidden, False)] if fused else [
                ("self_attn.q_proj", wide, hidden, qkv_bias), ("self_attn.k_proj", narrow, hidden, qkv_bias),
                ("self_attn.v_proj", narrow, hidden, qkv_bias), ("mlp.gate_proj", inner, hidden, mlp_bias), ("mlp.up_proj", inner, hidden, mlp_bias),
            ]),
            ("self_attn.o_proj", hidden, wide, o_bias), ("mlp.down_proj", hidden, inner, mlp_bias),
        ):
            result[f"{at}{name}.weight"] = (rows, columns)
            if bias:
                result[f"{at}{name}.bias"] = (rows,)
    return result
