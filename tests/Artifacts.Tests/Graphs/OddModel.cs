using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Artifacts.Tests.Graphs;

/// <summary>A model of an embedding and a head, with what no family of ours has between them.</summary>
/// <param name="embed">Hidden states of <c>input_ids</c> and of the embedding, in a graph that may have more inputs.</param>
/// <param name="more">Further parameters.</param>
sealed class OddModel(Func<GraphBuilder, Value, Value, Value> embed, params ModelParameter[] more)
    : DecoderModel(new ModelSizes(Vocabulary, Width, MaxPositions: 16, Layers: 0), DataType.Float32)
{
    public const int Vocabulary = 10, Width = 4;

    public override string Family => "odd";

    public override IReadOnlyList<ModelParameter> Parameters => [new("embedding", [Vocabulary, Width]), .. more];

    public override string Canonical() => "";

    public override Fragment Embed()
    {
        var b = new GraphBuilder("embed");
        var ids = b.Input(FragmentPorts.InputIds, DataType.Int64, new Shape("B", "S"));
        var table = b.Input("embedding", DataType.Float32, new Shape(Vocabulary, Width));
        return Named(b.Build([(FragmentPorts.Hidden, embed(b, ids, table))], pruneInputs: true));
    }

    public override Fragment EmbedStacked() => Embed();

    public override IReadOnlyList<Fragment> Layers() => [];

    public override Fragment Head(Dim? completions = null)
    {
        var b = new GraphBuilder("head");
        var hidden = b.Input(FragmentPorts.Hidden, DataType.Float32, new Shape("B", "S", Width));
        var index = b.Input(FragmentPorts.CompletionIndex, DataType.Int64, new Shape(completions ?? "R", "T"));
        var ids = b.Input(FragmentPorts.CompletionIds, DataType.Int64, index.Shape);
        var table = b.Input("embedding", DataType.Float32, new Shape(Vocabulary, Width));
        var rows = b.Gather(
            b.Reshape(hidden, new Shape((Dim)"B" * "S", Width)), b.Reshape(index, new Shape(index.Shape.Elements)));
        var logps = b.TokenLogProbs(rows, table, b.Reshape(ids, new Shape(index.Shape.Elements)));
        return Named(b.Build([(FragmentPorts.TokenLogps, b.ReshapeLike(logps, index))]));
    }

    public override Fragment Logits() => throw new NotSupportedException("Texts are not made here.");

    Fragment Named(OnnxGraph graph) => new(graph, graph.Inputs.Select(v => v.Name)
        .Where(name => Parameters.Any(p => p.Name == name)).ToDictionary(name => name, StringComparer.Ordinal));
}
