"""usage: make_input.py {tiny,m30,m100} FOLDER - writes the model and the pairs of a benchmark configuration (README.md has the format)."""
import json
import os
import sys

import numpy as np

import llama
import safetensors_file

# hidden, layers, heads, key-value heads, intermediate, vocabulary; pairs, prompt, completion
CONFIGURATIONS = {
    "tiny": (64, 2, 4, 2, 128, 500, 2, 12, 6),
    "m30": (384, 8, 6, 6, 1024, 32000, 4, 160, 64),
    "m100": (768, 12, 12, 4, 2048, 32000, 4, 160, 64),
}
GAMMA = np.uint64(0x9E3779B97F4A7C15)


def splitmix64(seed, first, count):
    """Outputs first, first + 1, ... of SplitMix64(seed)."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + (np.arange(first + 1, first + 1 + count, dtype=np.uint64)) * GAMMA
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def uniform(seed, first, count):
    """Doubles in [0, 1), of the upper 53 bits."""
    return (splitmix64(seed, first, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def random_weights(config, scale, seed):
    """Matrices uniform in [-scale, scale) from one stream, in the order of their names; norms are 1 and take no numbers."""
    tensors, at = {}, 0
    for name, shape in sorted(llama.shapes(config).items()):
        if len(shape) == 1:
            tensors[name] = np.ones(shape, np.float32)
            continue
        count = shape[0] * shape[1]
        tensors[name] = ((uniform(seed, at, count) * 2 - 1) * scale).astype(np.float32).reshape(shape)
        at += count
    return tensors


def random_pairs(pairs, prompt, completion, vocab, seed):
    """Token ids uniform in [3, vocab): pair by pair its prompt, its chosen, its rejected."""
    lengths = [length for _ in range(pairs) for length in (prompt, completion, completion)]
    ids = (3 + uniform(seed, 0, sum(lengths)) * (vocab - 3)).astype(np.int64)
    parts = [part.tolist() for part in np.split(ids, np.cumsum(lengths)[:-1])]
    return [dict(zip(("prompt", "chosen", "rejected"), parts[3 * i:3 * i + 3])) for i in range(pairs)]


def llama_config(hidden, layers, heads, groups, inner, vocab, tied=True):
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": hidden, "intermediate_size": inner,
        "num_hidden_layers": layers, "num_attention_heads": heads, "num_key_value_heads": groups, "vocab_size": vocab,
        "max_position_embeddings": 2048, "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "hidden_act": "silu",
        "tie_word_embeddings": tied, "attention_bias": False, "mlp_bias": False, "torch_dtype": "float32",
    }


def main(name, folder):
    *model, pairs, prompt, completion = CONFIGURATIONS[name]
    config = llama_config(*model)
    os.makedirs(folder, exist_ok=True)
    # The standard deviation of uniform [-a, a) is a / sqrt(3): 0.02, as models are initialised.
    safetensors_file.write(os.path.join(folder, "model.safetensors"), random_weights(config, 0.02 * 3**0.5, seed=1))
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file, indent=2)
    with open(os.path.join(folder, "pairs.json"), "w") as file:
        json.dump({"beta": 0.1, "pairs": random_pairs(pairs, prompt, completion, config["vocab_size"], seed=2)}, file)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in CONFIGURATIONS:
        sys.exit(__doc__)
    main(*sys.argv[1:])
