using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>
/// Llama (arXiv:2302.13971) and the families that have its form, as fragments: root-mean-square norms, rotary positions, grouped-query
/// attention, a gated feed-forward part; what each has of its own is in <see cref="LlamaConfig"/>. Weights are graph inputs in Hugging
/// Face's layout <c>[out, in]</c>.
/// </summary>
/// <param name="config">Sizes.</param>
/// <param name="type">Element type of weights and activations: float32 to run, float64 for tests.</param>
public sealed class LlamaModel(LlamaConfig config, DataType type = DataType.Float32)
    : DecoderModel(new(config.VocabSize, config.HiddenSize, config.MaxPositions, config.NumHiddenLayers), type)
{
    const string Prefix = "model.";
    const string Embedding = Prefix + "embed_tokens.weight";
    const string FinalNorm = Prefix + "norm.weight";
    const string UntiedHead = "lm_head.weight";
    const string FullMask = FragmentPorts.Mask;
    const string SlidingMask = "mask_sliding";

    public LlamaConfig Config { get; } = config;

    public override string Family => Config.Family;

    public override IReadOnlyList<ModelParameter> Parameters { get; } =
    [
        new(Embedding, [config.VocabSize, config.HiddenSize]),
        .. Enumerable.Range(0, config.NumHiddenLayers)
            .SelectMany(i => LlamaLayer.Parameters(config).Select(p => p with { Name = InLayer(i, p.Name) })),
        new(FinalNorm, [config.HiddenSize]),
        .. config.TieWordEmbeddings ? Array.Empty<ModelParameter>() : [new(UntiedHead, [config.VocabSize, config.HiddenSize])],
    ];

    string HeadWeight => Config.TieWordEmbeddings ? Embedding : UntiedHead;

    public override IReadOnlyList<string> Notes => Config.Notes;

    public override string Canonical() => Config.Canonical();

    public override string? PositionsReason => Config.Rotary.IsDynamic
        ? $"beyond {Config.MaxPositions} positions rope_type dynamic changes every frequency with the length of a batch"
        : null;

    public override DecoderModel For(int maxLength) =>
        Config.For(maxLength) is var chosen && ReferenceEquals(chosen, Config) ? this : new LlamaModel(chosen, Type);

    public override Fragment Embed() => Embed("embed", FragmentPorts.SegmentIds, AttentionMask.Packed);

    public override Fragment EmbedStacked() => Embed("embed_stacked", FragmentPorts.AttentionMask, AttentionMask.Stacked);

    public override IReadOnlyList<Fragment> Layers()
    {
        var graphs = new Dictionary<(string Mask, RotaryTables? Tables), OnnxGraph>();
        var names = LlamaLayer.Parameters(Config).Select(p => p.Name).ToArray();
        return [.. Enumerable.Range(0, Config.NumHiddenLayers).Select(i => new Fragment(
            GraphOf(i), names.ToDictionary(n => n, n => InLayer(i, n), StringComparer.Ordinal)))];

        OnnxGraph GraphOf(int layer)
        {
            var kind = (IsSliding(layer) ? SlidingMask : FullMask, TablesOf(layer));
            return graphs.TryGetValue(kind, out var graph) ? graph : graphs[kind] = LlamaLayer.Build(Config, Type, kind.Item1, kind.Item2);
        }
    }

    public override int? WindowOf(string mask) => mask == SlidingMask ? Config.Sliding.Size : null;

    public override Fragment Head(Dim? completions = null)
    {
        var b = new GraphBuilder("head");
        var head = new CompletionHead(b, Sizes, Type, completions);
        var norm = b.Input(FinalNorm, Type, new Shape(Config.HiddenSize));
        var vocabulary = b.Input(HeadWeight, Type, new Shape(Config.VocabSize, Config.HiddenSize));
        var normed = LlamaLayer.RmsNorm(b, Config, head.Rows, norm);
        return new Fragment(b.Build([(FragmentPorts.TokenLogps, head.TokenLogps(normed, vocabulary, Config.Logits))]), HeadNames());
    }

    public override Fragment Logits()
    {
        var b = new GraphBuilder("logits");
        var hidden = b.Input(FragmentPorts.Hidden, Type, new Shape("B", "S", Config.HiddenSize));
        var norm = b.Input(FinalNorm, Type, new Shape(Config.HiddenSize));
        var vocabulary = b.Input(HeadWeight, Type, new Shape(Config.VocabSize, Config.HiddenSize));
        var normed = LlamaLayer.RmsNorm(b, Config, hidden, norm);
        return new Fragment(b.Build([(FragmentPorts.Logits, Config.Logits.Logits(b, normed, vocabulary))]), HeadNames());
    }

    public override IReadOnlyList<ModelTable> Tables() =>
        [.. Enumerable.Range(0, Config.NumHiddenLayers).Select(TablesOf).OfType<RotaryTables>().Distinct().SelectMany(t => t.Build())];

    public override string BodyPrefix => Prefix;

    // Rotary frequencies in old checkpoints.
    public override bool IsBuffer(string tensor) => tensor.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);

    public override HeadTie Tie => new(UntiedHead, Embedding, Config.TieWordEmbeddings);

    static string InLayer(int index, string name) => $"{Prefix}layers.{index}.{name}";

    bool HasMask(string name) =>
        name == SlidingMask ? Config.Sliding.Layers.Count > 0 : Config.Sliding.Layers.Count < Config.NumHiddenLayers;

    bool IsSliding(int layer) => Config.Sliding.Layers.Contains(layer);

    RotaryTables? TablesOf(int layer) => Config.UnrotatedLayers.Contains(layer) ? null
        : IsSliding(layer) ? RotaryTables.OfSliding(Config)
        : RotaryTables.Of(Config);

    Fragment Embed(string name, string visibility, Func<GraphBuilder, Value, DataType, Value?, Value> mask)
    {
        var b = new GraphBuilder(name);
        var ids = b.Input(FragmentPorts.InputIds, DataType.Int64, new Shape("B", "S"));
        var visible = b.Input(visibility, DataType.Int64, new Shape("B", "S"));
        var table = b.Input(Embedding, Type, new Shape(Config.VocabSize, Config.HiddenSize));
        var hidden = b.Gather(table, ids);
        hidden = Config.EmbeddingScale == 1 ? hidden : b.Mul(hidden, b.Scalar(Config.EmbeddingScale, Type));
        var outputs = new List<(string, Value)> { (FragmentPorts.Hidden, hidden) };
        if (HasMask(FullMask))
        {
            outputs.Add((FullMask, mask(b, visible, Type, null)));
        }

        if (HasMask(SlidingMask))
        {
            var near = AttentionMask.Near(b, b.Input(FragmentPorts.PositionIds, DataType.Int64, new Shape("B", "S")), Config.Sliding.Size);
            outputs.Add((SlidingMask, mask(b, visible, Type, near)));
        }

        return new Fragment(b.Build(outputs), new Dictionary<string, string> { [Embedding] = Embedding });
    }

    Dictionary<string, string> HeadNames() => new(StringComparer.Ordinal) { [FinalNorm] = FinalNorm, [HeadWeight] = HeadWeight };
}
