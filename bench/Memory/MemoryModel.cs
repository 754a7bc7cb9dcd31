using System.Text.Json;
using OrtDpo.Models;
using OrtDpo.Safetensors;

namespace OrtDpo.MemoryBench;

/// <summary>Models with random weights whose memory is measured.</summary>
static class MemoryModel
{
    /// <summary>By name: <c>config.json</c>.</summary>
    public static IReadOnlyDictionary<string, Dictionary<string, object>> Configs { get; } =
        new Dictionary<string, Dictionary<string, object>>(StringComparer.Ordinal)
        {
            ["llama"] = Llama(vocabulary: 32_000),
            ["llama-vocabulary"] = Llama(vocabulary: 151_936),
            ["qwen2"] = new(Decoder("qwen2", 512, 8, 8, 2, 1408, 151_936)) { ["tie_word_embeddings"] = true },
            ["gemma2"] = new(Decoder("gemma2", 512, 8, 8, 4, 2048, 64_000))
            {
                ["head_dim"] = 64, ["query_pre_attn_scalar"] = 64, ["attn_logit_softcapping"] = 50.0, ["final_logit_softcapping"] = 30.0,
                ["sliding_window"] = 512, ["hidden_activation"] = "gelu_pytorch_tanh", ["tie_word_embeddings"] = true,
            },
            ["gpt2"] = new(StringComparer.Ordinal)
            {
                ["model_type"] = "gpt2", ["n_embd"] = 512, ["n_layer"] = 8, ["n_head"] = 8, ["vocab_size"] = 50_257,
                ["n_positions"] = 4_096, ["tie_word_embeddings"] = true,
            },
        };

    /// <summary>Writes <c>config.json</c> and, last, <c>model.safetensors</c>, unless it is there.</summary>
    public static void Write(string folder, string name, WeightType type)
    {
        if (File.Exists(Path.Combine(folder, ShardedWeights.SingleFile)))
        {
            return;
        }

        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(Configs[name]));
        var random = new Random(5);
        var blocks = new List<NativeBlock>();
        var tensors = ModelFolder.ModelOf(folder).Parameters.Select(parameter =>
        {
            var count = parameter.Shape.Aggregate(1L, (a, b) => a * b);
            var block = NativeBlock.Allocate(count * sizeof(float));
            blocks.Add(block);
            Fill(block.Address, count, parameter.Shape.Length == 1 ? () => 1 : () => (random.NextSingle() - 0.5f) * 0.07f);
            return new TensorSource(parameter.Name, WeightType.F32, parameter.Shape, block.Address) { SavedAs = type };
        }).ToList();
        var made = Path.Combine(folder, "model.tmp");
        using (var file = File.Create(made))
        {
            SafetensorsWriter.Write(file, tensors);
        }

        blocks.ForEach(block => block.Dispose());
        File.Move(made, Path.Combine(folder, ShardedWeights.SingleFile));
    }

    static unsafe void Fill(nint address, long count, Func<float> next)
    {
        for (var i = 0L; i < count; i++)
        {
            ((float*)address)[i] = next();
        }
    }

    static Dictionary<string, object> Llama(int vocabulary) =>
        new(Decoder("llama", 768, 12, 12, 4, 2048, vocabulary)) { ["tie_word_embeddings"] = true };

    static Dictionary<string, object> Decoder(
        string family, int hidden, int layers, int heads, int keyValueHeads, int intermediate, int vocabulary) =>
        new(StringComparer.Ordinal)
        {
            ["model_type"] = family, ["hidden_size"] = hidden, ["intermediate_size"] = intermediate, ["num_hidden_layers"] = layers,
            ["num_attention_heads"] = heads, ["num_key_value_heads"] = keyValueHeads, ["vocab_size"] = vocabulary,
            ["max_position_embeddings"] = 8_192, ["rms_norm_eps"] = 1e-5, ["rope_theta"] = 10_000.0,
            ["hidden_act"] = family == "gemma2" ? "gelu_pytorch_tanh" : "silu",
        };
}
