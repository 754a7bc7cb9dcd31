using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>
/// GPT-2 (Hugging Face's <c>model_type: gpt2</c>) as fragments: learned positions, LayerNorm, fused projections in Conv1D's layout
/// <c>[in, out]</c>, GELU, tied or untied head. Parameters have the names of the whole language model, <c>transformer.…</c>; checkpoints
/// of its body alone lack the prefix.
/// </summary>
/// <param name="config">Sizes.</param>
/// <param name="type">Element type of weights and activations: float32 to run, float64 for tests.</param>
public sealed class Gpt2Model(Gpt2Config config, DataType type = DataType.Float32)
    : DecoderModel(new(config.VocabSize, config.HiddenSize, config.Positions, config.Layers), type)
{
    const string Prefix = "transformer.";
    const string Tokens = Prefix + "wte.weight";
    const string PositionTable = Prefix + "wpe.weight";
    const string FinalScale = Prefix + "ln_f.weight";
    const string FinalBias = Prefix + "ln_f.bias";
    const string UntiedHead = "lm_head.weight";

    public Gpt2Config Config { get; } = config;

    public override string Family => "gpt2";

    public override IReadOnlyList<ModelParameter> Parameters { get; } =
    [
        new(Tokens, [config.VocabSize, config.HiddenSize]),
        new(PositionTable, [config.Positions, config.HiddenSize]),
        .. Enumerable.Range(0, config.Layers)
            .SelectMany(i => Gpt2Layer.Parameters(config).Select(p => p with { Name = InLayer(i, p.Name) })),
        new(FinalScale, [config.HiddenSize]),
        new(FinalBias, [config.HiddenSize]),
        .. config.TieWordEmbeddings ? Array.Empty<ModelParameter>() : [new(UntiedHead, [config.VocabSize, config.HiddenSize])],
    ];

    string HeadWeight => Config.TieWordEmbeddings ? Tokens : UntiedHead;

    public override IReadOnlyList<string> Notes => Config.Notes;

    public override string Canonical() => Config.Canonical();

    public override Fragment Embed() => Embed("embed", FragmentPorts.SegmentIds, AttentionMask.Packed);

    public override Fragment EmbedStacked() => Embed("embed_stacked", FragmentPorts.AttentionMask, AttentionMask.Stacked);

    public override IReadOnlyList<Fragment> Layers()
    {
        var layer = Gpt2Layer.Build(Config, Type);
        var names = Gpt2Layer.Parameters(Config).Select(p => p.Name).ToArray();
        return [.. Enumerable.Range(0, Config.Layers).Select(
            i => new Fragment(layer, names.ToDictionary(n => n, n => InLayer(i, n), StringComparer.Ordinal)))];
    }

    public override Fragment Head(Dim? completions = null)
    {
        var b = new GraphBuilder("head");
        var head = new CompletionHead(b, Sizes, Type, completions);
        var normed = FinalNorm(b, head.Rows);
        var vocabulary = b.Input(HeadWeight, Type, new Shape(Config.VocabSize, Config.HiddenSize));
        return new Fragment(b.Build([(FragmentPorts.TokenLogps, head.TokenLogps(normed, vocabulary))]), HeadNames());
    }

    public override Fragment Logits()
    {
        var b = new GraphBuilder("logits");
        var normed = FinalNorm(b, b.Input(FragmentPorts.Hidden, Type, new Shape("B", "S", Config.HiddenSize)));
        var vocabulary = b.Input(HeadWeight, Type, new Shape(Config.VocabSize, Config.HiddenSize));
        return new Fragment(b.Build([(FragmentPorts.Logits, b.Linear(normed, vocabulary))]), HeadNames());
    }

    public override string BodyPrefix => Prefix;

    // The causal mask and its value for hidden keys, in old checkpoints.
    public override bool IsBuffer(string tensor) =>
        tensor.EndsWith(".attn.bias", StringComparison.Ordinal) || tensor.EndsWith(".attn.masked_bias", StringComparison.Ordinal);

    public override HeadTie Tie => new(UntiedHead, Tokens, Config.TieWordEmbeddings);

    static string InLayer(int index, string name) => $"{Prefix}h.{index}.{name}";

    Fragment Embed(string name, string visibility, Func<GraphBuilder, Value, DataType, Value?, Value> mask)
    {
        var b = new GraphBuilder(name);
        var ids = b.Input(FragmentPorts.InputIds, DataType.Int64, new Shape("B", "S"));
        var positions = b.Input(FragmentPorts.PositionIds, DataType.Int64, new Shape("B", "S"));
        var visible = b.Input(visibility, DataType.Int64, new Shape("B", "S"));
        var tokens = b.Input(Tokens, Type, new Shape(Config.VocabSize, Config.HiddenSize));
        var table = b.Input(PositionTable, Type, new Shape(Config.Positions, Config.HiddenSize));
        var hidden = b.Add(b.Gather(tokens, ids), b.Gather(table, positions));
        return new Fragment(
            b.Build([(FragmentPorts.Hidden, hidden), (FragmentPorts.Mask, mask(b, visible, Type, null))]),
            new Dictionary<string, string> { [Tokens] = Tokens, [PositionTable] = PositionTable });
    }

    Value FinalNorm(GraphBuilder b, Value x)
    {
        var features = new Shape(Config.HiddenSize);
        return b.LayerNorm(x, b.Input(FinalScale, Type, features), b.Input(FinalBias, Type, features), Config.LayerNormEps);
    }

    Dictionary<string, string> HeadNames() =>
        new(StringComparer.Ordinal) { [FinalScale] = FinalScale, [FinalBias] = FinalBias, [HeadWeight] = HeadWeight };
}
