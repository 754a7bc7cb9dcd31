using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Models.Families;
using OrtDpo.Objectives;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Families;

/// <summary>A tiny Llama with random weights and a packed batch, as one composed graph with its feeds.</summary>
sealed class LlamaCase
{
    readonly Random random;

    public LlamaCase(DataType type, bool tied, int keyValueHeads, int seed = 1)
    {
        random = new Random(seed);
        Model = new LlamaModel(new LlamaConfig
        {
            HiddenSize = 16, IntermediateSize = 24, NumHiddenLayers = 2, NumAttentionHeads = 4,
            NumKeyValueHeads = keyValueHeads, HeadDim = 4,
            VocabSize = 23, MaxPositionEmbeddings = 32, RmsNormEps = 1e-5, Rotary = new RotaryEmbedding(10_000), TieWordEmbeddings = tied,
        }, type);
        Weights = Model.Parameters.ToDictionary(
            t => t.Name, t => Tensor.Of(type, t.Shape, Draw(t.Shape, t.Shape.Length == 1 ? 1 : 0)), StringComparer.Ordinal);
    }

    public LlamaModel Model { get; }

    public IReadOnlyDictionary<string, Tensor> Weights { get; }

    public static Example[] Pairs { get; } =
    [
        Example.Pair([1, 5, 9, 5], [7, 7, 2], [3, 2]),
        Example.Pair([1, 11], [12, 13, 14, 15, 2], [4]),
        Example.Pair([1, 20, 21, 22, 19, 18], [17, 2], [16, 15, 14, 2]),
    ];

    /// <summary>The sigmoid loss of a batch with beta 0.5 and references of −2 nats per token.</summary>
    public Composition Loss() => ComposedLoss.Compose(Model, Objective.Parse("sigmoid"));

    public Dictionary<string, Tensor> Feeds(IReadOnlyList<Example> pairs) => Feeds(ExamplePacking.Pack(pairs), pairs);

    public Dictionary<string, Tensor> Feeds(PackedBatch batch, IReadOnlyList<Example> pairs) => ComposedLoss.Feeds(
        Model,
        Weights,
        batch,
        beta: 0.5,
        [.. pairs.Select(p => -2.0 * p.Completions[0].Length)],
        [.. pairs.Select(p => -2.0 * p.Completions[1].Length)]);

    public Tensor Direction(Tensor like) => Tensor.Of(like.Type, like.Sizes, Draw(like.Sizes, 0));

    List<double> Draw(long[] sizes, double around) =>
        [.. Enumerable.Range(0, (int)sizes.Aggregate(1L, (n, size) => n * size)).Select(_ => around + ((random.NextDouble() - 0.5) * 0.8))];
}
