using System.Runtime.InteropServices;
using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Runtime.Models;
using OrtDpo.Safetensors;

namespace OrtDpo.StepBench;

/// <summary>
/// The models of the benchmark: Llamas with random weights, and a batch of random tokens, in a folder that the PyTorch loops read too.
/// </summary>
static class BenchModel
{
    const int Vocabulary = 32_000, PairCount = 4, Prompt = 160, Completion = 64;

    static readonly Dictionary<string, (int Hidden, int Layers, int Heads, int KeyValueHeads, int Intermediate)> Sizes = new()
    {
        ["tiny"] = (64, 2, 4, 2, 128),
        ["m30"] = (384, 8, 6, 6, 1024),
        ["m110"] = (768, 12, 12, 4, 2048),
    };

    public static IEnumerable<string> Names => Sizes.Keys;

    /// <summary>Writes <c>config.json</c>, <c>model.safetensors</c> and, last, <c>pairs.json</c>, unless they are there.</summary>
    public static void Write(string folder, string name, int threads)
    {
        if (BenchPairs.Exist(folder))
        {
            return;
        }

        Directory.CreateDirectory(folder);
        var size = Sizes[name];
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model_type"] = "llama", ["hidden_size"] = size.Hidden, ["intermediate_size"] = size.Intermediate,
            ["num_hidden_layers"] = size.Layers,
            ["num_attention_heads"] = size.Heads, ["num_key_value_heads"] = size.KeyValueHeads, ["vocab_size"] = Vocabulary,
            ["max_position_embeddings"] = 512, ["rms_norm_eps"] = 1e-5, ["rope_theta"] = 10000.0, ["hidden_act"] = "silu",
            ["tie_word_embeddings"] = true,
        }));
        WriteWeights(folder);
        var random = new Random(11);
        int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(3, Vocabulary))];
        Example Pair() => Example.Pair(Tokens(Prompt), Tokens(Completion), Tokens(Completion));
        Scored(folder, threads, [.. Enumerable.Range(0, PairCount).Select(_ => Pair())]).Write(folder);
    }

    /// <summary>The pairs with the sums of the model as it is: the first loss is ln 2 in every loop that computes the same.</summary>
    static BenchPairs Scored(string folder, int threads, Example[] pairs)
    {
        using var scorer = DecoderScorer.Load(folder, threads);
        var packed = ExamplePacking.Pack(pairs);
        var sums = scorer.Score(packed).Chunk(packed.CompletionWidth).Select(c => c.Sum(v => (double)v)).ToArray();
        return new(0.1f, [.. pairs.Select(
            (p, i) => new BenchPair(p.Prompt, p.Completions[0], p.Completions[1], sums[2 * i], sums[(2 * i) + 1]))]);
    }

    static void WriteWeights(string folder)
    {
        var random = new Random(5);
        var pinned = new List<GCHandle>();
        var tensors = ModelFolder.ModelOf(folder).Parameters.Select(t =>
        {
            var values = new float[t.Shape.Aggregate(1L, (a, b) => a * b)];
            for (var i = 0; i < values.Length; i++)
            {
                // Uniform with the deviation 0.02 that Llamas start from; norms start at 1.
                values[i] = t.Shape.Length == 1 ? 1 : (float)((random.NextDouble() - 0.5) * 0.02 * Math.Sqrt(12));
            }

            var handle = GCHandle.Alloc(values, GCHandleType.Pinned);
            pinned.Add(handle);
            return new TensorSource(t.Name, WeightType.F32, t.Shape, handle.AddrOfPinnedObject());
        }).ToList();
        using (var file = File.Create(Path.Combine(folder, "model.safetensors")))
        {
            SafetensorsWriter.Write(file, tensors);
        }

        pinned.ForEach(h => h.Free());
    }
}
