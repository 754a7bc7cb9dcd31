namespace OrtDpo.Pipeline.Tests;

/// <summary>
/// Tiny models of the families beside Llama, as Hugging Face's savers write them, put together without the code under test.
/// </summary>
static class TinyFamilies
{
    const int Hidden = 16;
    const int Layers = 2;
    const int Positions = 256;

    /// <summary>A GPT-2 of its body alone: names without <c>transformer.</c>, and the causal masks of old checkpoints.</summary>
    public static string WriteGpt2(string folder)
    {
        var config = $$"""
            {
              "model_type": "gpt2", "n_embd": {{Hidden}}, "n_layer": {{Layers}}, "n_head": 2, "vocab_size": {{TinyModel.Vocabulary}},
              "n_positions": {{Positions}}, "n_ctx": {{Positions}}, "layer_norm_epsilon": 1e-05, "activation_function": "gelu_new",
            """ + """
             "resid_pdrop": 0.1
            }
            """;
        var draw = new Draw(seed: 2);
        var tensors = new List<TinyTensor>
        {
            draw.Around(0, "wte.weight", TinyModel.Vocabulary, Hidden),
            draw.Around(0, "wpe.weight", Positions, Hidden),
        };
        for (var layer = 0; layer < Layers; layer++)
        {
            tensors.Add(draw.Around(1, $"h.{layer}.attn.bias", 1, 1, Positions, Positions));
            tensors.AddRange(draw.Linear($"h.{layer}.attn.c_attn", [Hidden, 3 * Hidden]));
            tensors.AddRange(draw.Linear($"h.{layer}.attn.c_proj", [Hidden, Hidden]));
            tensors.AddRange(draw.Linear($"h.{layer}.mlp.c_fc", [Hidden, 4 * Hidden]));
            tensors.AddRange(draw.Linear($"h.{layer}.mlp.c_proj", [4 * Hidden, Hidden]));
            tensors.AddRange(draw.Norm($"h.{layer}.ln_1"));
            tensors.AddRange(draw.Norm($"h.{layer}.ln_2"));
        }

        return TinyModel.Write(folder, config, [.. tensors, .. draw.Norm("ln_f")]);
    }

    /// <summary>A Qwen2, the second of its layers with a sliding window.</summary>
    public static string WriteQwen2(string folder)
    {
        var config = $$"""
        {
          "model_type": "qwen2", "hidden_size": {{Hidden}}, "intermediate_size": 24, "num_hidden_layers": {{Layers}},
        """ + $$"""
         "num_attention_heads": 4,
          "num_key_value_heads": 2, "vocab_size": {{TinyModel.Vocabulary}}, "max_position_embeddings": {{Positions}}, "rms_norm_eps": 1e-06,
          "rope_theta": 1000000.0, "tie_word_embeddings": false, "use_sliding_window": true, "sliding_window": 8, "max_window_layers": 1
        }
        """;
        var draw = new Draw(seed: 3);
        var tensors = new List<TinyTensor>
        {
            draw.Around(0, "model.embed_tokens.weight", TinyModel.Vocabulary, Hidden),
            draw.Around(0, "lm_head.weight", TinyModel.Vocabulary, Hidden),
            draw.Around(1, "model.norm.weight", Hidden),
        };
        for (var i = 0; i < Layers; i++)
        {
            var layer = $"model.layers.{i}";
            tensors.AddRange(draw.Linear($"{layer}.self_attn.q_proj", [Hidden, Hidden], biases: Hidden));
            tensors.AddRange(draw.Linear($"{layer}.self_attn.k_proj", [Hidden / 2, Hidden], biases: Hidden / 2));
            tensors.AddRange(draw.Linear($"{layer}.self_attn.v_proj", [Hidden / 2, Hidden], biases: Hidden / 2));
            tensors.Add(draw.Around(0, $"{layer}.self_attn.o_proj.weight", Hidden, Hidden));
            tensors.Add(draw.Around(0, $"{layer}.mlp.gate_proj.weight", 24, Hidden));
            tensors.Add(draw.Around(0, $"{layer}.mlp.up_proj.weight", 24, Hidden));
            tensors.Add(draw.Around(0, $"{layer}.mlp.down_proj.weight", Hidden, 24));
            tensors.Add(draw.Around(1, $"{layer}.input_layernorm.weight", Hidden));
            tensors.Add(draw.Around(1, $"{layer}.post_attention_layernorm.weight", Hidden));
        }

        return TinyModel.Write(folder, config, tensors);
    }

    /// <summary>A Phi-3 with LongRoPE: other factors beyond 64 positions, of 256.</summary>
    public static string WritePhi3(string folder)
    {
        var config = $$"""
        {
          "model_type": "phi3", "hidden_size": {{Hidden}}, "intermediate_size": 24, "num_hidden_layers": {{Layers}},
        """ + $$"""
         "num_attention_heads": 2,
          "num_key_value_heads": 1, "vocab_size": {{TinyModel.Vocabulary}}, "max_position_embeddings": {{Positions}}, "rms_norm_eps": 1e-05,
          "original_max_position_embeddings": 64, "rope_theta": 10000.0, "sliding_window": null, "tie_word_embeddings": true,
          "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.0, 1.5, 2.0], "long_factor": [3.0, 4.0, 6.0, 8.0]}
        }
        """;
        var draw = new Draw(seed: 4);
        var tensors = new List<TinyTensor>
        {
            draw.Around(0, "model.embed_tokens.weight", TinyModel.Vocabulary, Hidden),
            draw.Around(1, "model.norm.weight", Hidden),
        };
        for (var i = 0; i < Layers; i++)
        {
            var layer = $"model.layers.{i}";
            tensors.Add(draw.Around(0, $"{layer}.self_attn.qkv_proj.weight", 2 * Hidden, Hidden));
            tensors.Add(draw.Around(0, $"{layer}.self_attn.o_proj.weight", Hidden, Hidden));
            tensors.Add(draw.Around(0, $"{layer}.mlp.gate_up_proj.weight", 2 * 24, Hidden));
            tensors.Add(draw.Around(0, $"{layer}.mlp.down_proj.weight", Hidden, 24));
            tensors.Add(draw.Around(1, $"{layer}.input_layernorm.weight", Hidden));
            tensors.Add(draw.Around(1, $"{layer}.post_attention_layernorm.weight", Hidden));
        }

        return TinyModel.Write(folder, config, tensors);
    }

    sealed class Draw(int seed)
    {
        readonly Random random = new(seed);

        public TinyTensor Around(float middle, string name, params int[] shape)
        {
            var count = shape.Aggregate(1, (a, b) => a * b);
            return new(name, shape, [.. Enumerable.Range(0, count).Select(_ => middle + (float)((random.NextDouble() - 0.5) * 0.5))]);
        }

        public TinyTensor[] Linear(string name, int[] shape, int? biases = null) =>
            [Around(0, $"{name}.weight", shape), Around(0, $"{name}.bias", biases ?? shape[^1])];

        public TinyTensor[] Norm(string name) => [Around(1, $"{name}.weight", Hidden), Around(0, $"{name}.bias", Hidden)];
    }
}
