using OrtDpo.Graph.Building;
using OrtDpo.Graph.Fragments;

namespace OrtDpo.Graph.Models;

/// <summary>
/// The Llama family (arXiv:2302.13971, as in Hugging Face's <c>model_type: llama</c>) as fragments: root-mean-square norms, rotary positions,
/// grouped-query attention, SwiGLU, tied or untied head. Weights are graph inputs in Hugging Face's layout <c>[out, in]</c>.
/// </summary>
/// <param name="config">Sizes.</param>
/// <param name="type">Element type of weights and activations: float32 to run, float64 for tests.</param>
public sealed class LlamaModel(LlamaConfig config, DataType type = DataType.Float32)
    : DecoderModel(new(config.VocabSize, config.HiddenSize, config.MaxPositionEmbeddings, config.NumHiddenLayers), type)
{
    const string Embedding = "model.embed_tokens.weight";
    const string FinalNorm = "model.norm.weight";
    const string UntiedHead = "lm_head.weight";

    public LlamaConfig Config { get; } = config;

    public override string Family => "llama";

    public override IReadOnlyList<ModelParameter> Parameters { get; } =
    [
        new(Embedding, [config.VocabSize, config.HiddenSize]),
        .. Enumerable.Range(0, config.NumHiddenLayers).SelectMany(i => LlamaLayer.Parameters(config).Select(p => p with { Name = InLayer(i, p.Name) })),
        new(FinalNorm, [config.HiddenSize]),
        .. config.TieWordEmbeddings ? Array.Empty<ModelParameter>() : [new(UntiedHead, [config.VocabSize, config.HiddenSize])],
    ];

    string HeadWeight => Config.TieWordEmbeddings ? Embedding : UntiedHead;

    public override string Canonical() => Config.Canonical();

    public override Fragment Embed()
    {
        var b = new GraphBuilder("embed");
        var ids = b.Input("input_ids", DataType.Int64, new Shape("B", "S"));
        var segments = b.Input("segment_ids", DataType.Int64, new Shape("B", "S"));
        return Embedded(b, ids, AttentionMask.Packed(b, segments, Type));
    }

    public override Fragment EmbedStacked()
    {
        var b = new GraphBuilder("embed_stacked");
        var ids = b.Input("input_ids", DataType.Int64, new Shape("B", "S"));
        var attended = b.Input("attention_mask", DataType.Int64, new Shape("B", "S"));
        return Embedded(b, ids, AttentionMask.Stacked(b, attended, Type));
    }

    public override IReadOnlyList<Fragment> Layers()
    {
        var layer = LlamaLayer.Build(Config, Type);
        var names = LlamaLayer.Parameters(Config).Select(p => p.Name).ToArray();
        return [.. Enumerable.Range(0, Config.NumHiddenLayers).Select(
            i => new Fragment(layer, names.ToDictionary(n => n, n => InLayer(i, n), StringComparer.Ordinal)))];
    }

    public override Fragment Head(Dim? completions = null)
    {
        var b = new GraphBuilder("head");
        var head = new CompletionHead(b, Sizes, Type, completions);
        var norm = b.Input(FinalNorm, Type, new Shape(Config.HiddenSize));
        var vocabulary = b.Input(HeadWeight, Type, new Shape(Config.VocabSize, Config.HiddenSize));
        var (normed, _) = b.RmsNorm(head.Rows, norm, Config.RmsNormEps);
        return new Fragment(b.Build([("token_logps", head.TokenLogps(normed, vocabulary))]), HeadNames());
    }

    public override Fragment Logits()
    {
        var b = new GraphBuilder("logits");
        var hidden = b.Input("hidden", Type, new Shape("B", "S", Config.HiddenSize));
        var norm = b.Input(FinalNorm, Type, new Shape(Config.HiddenSize));
        var vocabulary = b.Input(HeadWeight, Type, new Shape(Config.VocabSize, Config.HiddenSize));
        var (normed, _) = b.RmsNorm(hidden, norm, Config.RmsNormEps);
        return new Fragment(b.Build([("logits", b.Linear(normed, vocabulary))]), HeadNames());
    }

    public override IReadOnlyList<ModelTable> Tables()
    {
        var (cos, sin) = RotaryTables.Build(Config);
        var shape = RotaryTables.ShapeOf(Config);
        return [new("rope_cos", shape, cos), new("rope_sin", shape, sin)];
    }

    // Rotary frequencies in old checkpoints.
    public override bool IsBuffer(string tensor) => tensor.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);

    public override string? CopyOf(string tensor) => tensor == UntiedHead ? Embedding : null;

    static string InLayer(int index, string name) => $"model.layers.{index}.{name}";

    Fragment Embedded(GraphBuilder b, Value ids, Value mask)
    {
        var table = b.Input(Embedding, Type, new Shape(Config.VocabSize, Config.HiddenSize));
        var graph = b.Build([("hidden", b.Gather(table, ids)), ("mask", mask)]);
        return new Fragment(graph, new Dictionary<string, string> { [Embedding] = Embedding });
    }

    Dictionary<string, string> HeadNames() => new(StringComparer.Ordinal) { [FinalNorm] = FinalNorm, [HeadWeight] = HeadWeight };
}
