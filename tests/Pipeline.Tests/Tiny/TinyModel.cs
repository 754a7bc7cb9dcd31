using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Model folders of a Llama with some ten thousand seeded random weights, put together without the code under test.</summary>
static class TinyModel
{
    /// <summary>Prompt + one completion, in tokens.</summary>
    public const int Positions = 256;

    /// <summary>Of the tokenizer.</summary>
    public const int Vocabulary = 311;

    const int Hidden = 16;
    const int Layers = 2;

    static readonly string TokenizerFile = Repository.Find("tests", "golden", "text", "tiny", "trained.json");

    /// <summary>Writes a model; each argument makes it differ from the whole and right one.</summary>
    /// <param name="folder">The folder to make.</param>
    /// <param name="weights">Changes what <c>model.safetensors</c> holds.</param>
    /// <param name="modelType">What <c>config.json</c> says that it is.</param>
    /// <param name="eosToken">What the tokenizer ends completions with.</param>
    /// <param name="seed">Of the weights.</param>
    /// <param name="shape">Its sizes.</param>
    /// <returns><paramref name="folder"/>.</returns>
    public static string Write(
        string folder, Func<TinyTensor, TinyTensor?>? weights = null,
        string modelType = "llama", string eosToken = "<|endoftext|>", int seed = 1, TinyShape? shape = null)
    {
        shape ??= new TinyShape();
        var config = $$"""
        {
          "model_type": "{{modelType}}", "hidden_size": {{Hidden}}, "intermediate_size": {{shape.Intermediate}},
          "num_hidden_layers": {{Layers}}, "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": {{shape.Vocabulary}},
          "max_position_embeddings": {{Positions}},
          "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "tie_word_embeddings": {{(shape.IsTied ? "true" : "false")}}
        }
        """;
        return Write(folder, config, Tensors(seed, shape).Select(weights ?? (t => t)).OfType<TinyTensor>(), eosToken);
    }

    /// <summary>Writes a model of any family; its vocabulary is <see cref="Vocabulary"/>.</summary>
    public static string Write(string folder, string config, IEnumerable<TinyTensor> tensors, string eosToken = "<|endoftext|>")
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), config);
        File.Copy(TokenizerFile, Path.Combine(folder, "tokenizer.json"), overwrite: true);
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), JsonSerializer.Serialize(new { eos_token = eosToken }));
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), Safetensors(tensors));
        return folder;
    }

    static IEnumerable<TinyTensor> Tensors(int seed, TinyShape shape)
    {
        var random = new Random(seed);
        TinyTensor Matrix(string name, int rows, int columns) => new(name, [rows, columns], Values(rows * columns, 0));
        TinyTensor Norm(string name) => new(name, [Hidden], Values(Hidden, 1));
        float[] Values(int count, float middle) =>
            [.. Enumerable.Range(0, count).Select(_ => middle + (float)((random.NextDouble() - 0.5) * 0.5))];

        yield return Matrix("model.embed_tokens.weight", shape.Vocabulary, Hidden);
        for (var layer = 0; layer < Layers; layer++)
        {
            var name = $"model.layers.{layer}";
            yield return Norm($"{name}.input_layernorm.weight");
            yield return Matrix($"{name}.self_attn.q_proj.weight", Hidden, Hidden);
            yield return Matrix($"{name}.self_attn.k_proj.weight", Hidden / 2, Hidden);
            yield return Matrix($"{name}.self_attn.v_proj.weight", Hidden / 2, Hidden);
            yield return Matrix($"{name}.self_attn.o_proj.weight", Hidden, Hidden);
            yield return Norm($"{name}.post_attention_layernorm.weight");
            yield return Matrix($"{name}.mlp.gate_proj.weight", shape.Intermediate, Hidden);
            yield return Matrix($"{name}.mlp.up_proj.weight", shape.Intermediate, Hidden);
            yield return Matrix($"{name}.mlp.down_proj.weight", Hidden, shape.Intermediate);
        }

        yield return Norm("model.norm.weight");
        if (!shape.IsTied)
        {
            yield return Matrix("lm_head.weight", shape.Vocabulary, Hidden);
        }
    }

    static byte[] Safetensors(IEnumerable<TinyTensor> tensors)
    {
        var entries = new List<string>();
        var data = new List<byte>();
        foreach (var tensor in tensors)
        {
            var begin = data.Count;
            data.AddRange(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
            entries.Add($$"""
                "{{tensor.Name}}":{"dtype":"F32","shape":[{{string.Join(',', tensor.Shape)}}],"data_offsets":[{{begin}},{{data.Count}}]}
                """);
        }

        var header = Encoding.UTF8.GetBytes($"{{{string.Join(',', entries)}}}");
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. data];
    }
}

/// <summary>A weight: its name, its shape, and its values, row-major.</summary>
sealed record TinyTensor(string Name, int[] Shape, float[] Values);

/// <summary>What models of <see cref="TinyModel"/> may differ in: their sizes, and whether the output layer is the embedding.</summary>
sealed record TinyShape(int Vocabulary = TinyModel.Vocabulary, int Intermediate = 24, bool IsTied = true);
