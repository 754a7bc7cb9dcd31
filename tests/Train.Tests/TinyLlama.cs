using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Safetensors;

namespace OrtDpo.Train.Tests;

/// <summary>A small Llama with seeded random weights, in a folder of its own that is deleted at the end.</summary>
sealed unsafe class TinyLlama : IDisposable
{
    public TinyLlama(
        int seed = 1, bool tied = false, int heads = 4, int keyValueHeads = 2, int vocabulary = 61, int layers = 2, int hidden = 32,
        int positions = 64)
    {
        Folder = Directory.CreateTempSubdirectory("ortdpo-tiny-").FullName;
        File.WriteAllText(Path.Combine(Folder, "config.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model_type"] = "llama", ["hidden_size"] = hidden, ["intermediate_size"] = 48, ["num_hidden_layers"] = layers,
            ["num_attention_heads"] = heads, ["num_key_value_heads"] = keyValueHeads, ["vocab_size"] = vocabulary,
            ["max_position_embeddings"] = positions, ["rms_norm_eps"] = 1e-5, ["rope_theta"] = 10000.0, ["hidden_act"] = "silu",
            ["tie_word_embeddings"] = tied, ["bos_token_id"] = 1, ["eos_token_id"] = 2,
        }));
        Model = ModelFolder.ModelOf(Folder);
        Weights = RandomWeights(Model, seed);
        Write();
    }

    public string Folder { get; }

    public DecoderModel Model { get; }

    /// <summary>The weights by their Hugging Face names.</summary>
    public Dictionary<string, (long[] Shape, float[] Values)> Weights { get; }

    /// <summary>Pairs of random tokens with completions of different lengths.</summary>
    public Example[] Pairs(int count, int seed = 7)
    {
        var random = new Random(seed);
        int[] Tokens(int least, int most) =>
            [.. Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => random.Next(3, Model.Sizes.VocabSize))];
        return [.. Enumerable.Range(0, count).Select(_ => Example.Pair(Tokens(2, 7), Tokens(1, 6), Tokens(1, 9)))];
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    void Write()
    {
        var pinned = Weights.ToDictionary(
            w => w.Key,
            w => System.Runtime.InteropServices.GCHandle.Alloc(w.Value.Values, System.Runtime.InteropServices.GCHandleType.Pinned));
        using var file = File.Create(Path.Combine(Folder, "model.safetensors"));
        SafetensorsWriter.Write(
            file,
            Weights.Select(w => new TensorSource(w.Key, WeightType.F32, w.Value.Shape, pinned[w.Key].AddrOfPinnedObject())));
        foreach (var handle in pinned.Values)
        {
            handle.Free();
        }
    }

    static Dictionary<string, (long[] Shape, float[] Values)> RandomWeights(DecoderModel model, int seed)
    {
        var random = new Random(seed);
        return model.Parameters.ToDictionary(t => t.Name, t =>
        {
            var count = t.Shape.Aggregate(1L, (a, b) => a * b);
            var isNorm = t.Shape.Length == 1;
            var values = Enumerable.Range(0, (int)count)
                .Select(_ => (float)((random.NextDouble() - 0.5) * 0.5) + (isNorm ? 1 : 0))
                .ToArray();
            return (t.Shape, values);
        });
    }
}
