using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Batches;
using OrtDpo.Models.Decoders;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Import;

/// <summary>
/// A decoder that another tool exported to ONNX: one fragment up to the hidden states before its last matrix product, and a head. Its
/// float initializers are the parameters, under their own names; rows are stacked.
/// </summary>
public sealed class OnnxDecoder : DecoderModel
{
    readonly ForeignModel model;
    readonly ForeignSkeleton skeleton;
    readonly Fragment body;

    OnnxDecoder(ForeignModel model, ForeignSkeleton skeleton, ModelSizes sizes)
        : base(sizes, DataType.Float32)
    {
        this.model = model;
        this.skeleton = skeleton;
        var names = model.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var read = model.Body.Inputs.Select(i => i.Name).Where(names.Contains);
        body = new Fragment(model.Body, read.ToDictionary(n => n, StringComparer.Ordinal));
    }

    public override BatchLayout Layout => BatchLayout.Stacked;

    public override string Family => "onnx";

    public override IReadOnlyList<ModelParameter> Parameters => model.Parameters;

    public override IReadOnlyList<string> Notes
    {
        get
        {
            var head = model.Head is not { } product
                ? "no last matrix product with one parameter was recognised, so logits of all positions are formed and gathered: "
                    + "more memory, the same numbers"
                : $"the last matrix product is with '{product.Weight}', and runs on completion positions only";
            return [head, .. model.Copies.Select(c => $"'{c.Name}' holds the numbers of '{c.Parameter}', and trains as one with it")];
        }
    }

    /// <summary>
    /// Reads a model, with what the <c>config.json</c> beside it says of its positions and of a tied head, where there is one.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="NotSupportedException">The graph holds what is not read; the message names the node.</exception>
    public static OnnxDecoder Read(OnnxFile file)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file.Path))!, ModelFolder.ConfigName);
        using var config = File.Exists(path) ? ConfigFile.Open(path) : null;
        var tied = config is not null && config.Has("tie_word_embeddings") ? config.Flag("tie_word_embeddings", absent: true) : (bool?)null;
        var model = ForeignModel.Read(file, tied);
        var positions = ((string[])["max_position_embeddings", "n_positions"])
            .Where(field => config is not null && config.Has(field))
            .Select(field => (long)config!.Positive(field))
            .Append(model.Positions ?? ModelSizes.Unbounded)
            .Min();
        var hidden = model.Body.Output(FragmentPorts.Hidden).Shape[-1].Value!.Value;
        var sizes = new ModelSizes(checked((int)model.Vocabulary), checked((int)hidden), checked((int)positions), Layers: 0);
        return new OnnxDecoder(model, ForeignSkeleton.Of(file, model), sizes);
    }

    public override string Canonical() => $"model_type=onnx\ngraph={skeleton.Digest}\n";

    public override Fragment Embed() => body;

    public override Fragment EmbedStacked() => body;

    public override IReadOnlyList<Fragment> Layers() => [];

    public override Fragment Head(Dim? completions = null)
    {
        var b = new GraphBuilder("head");
        var head = new CompletionHead(b, Sizes, Type, completions);
        var (weight, bias) = HeadInputs(b);
        var logps = weight is not null && bias is null && model.Head!.RowsAreTokens
            ? head.TokenLogps(head.Rows, weight)
            : head.TokenLogps(LogitsOf(b, head.Rows, weight, bias));
        return new Fragment(b.Build([(FragmentPorts.TokenLogps, logps)]), HeadNames());
    }

    public override Fragment Logits()
    {
        var b = new GraphBuilder("logits");
        var hidden = b.Input(FragmentPorts.Hidden, Type, new Shape("B", "S", Sizes.HiddenSize));
        var (weight, bias) = HeadInputs(b);
        return new Fragment(b.Build([(FragmentPorts.Logits, LogitsOf(b, hidden, weight, bias))]), HeadNames());
    }

    public override void WriteBeside(string folder)
    {
        using var weights = SafetensorsFile.Open(Path.Combine(folder, ShardedWeights.SingleFile));
        skeleton.WriteBeside(Path.Combine(folder, OnnxFile.FileName), weights);
    }

    /// <summary>
    /// Writes the file's graph with other parameters; <paramref name="form"/> says where they lie, and nothing else is changed.
    /// </summary>
    public void Write(string path, IReadOnlyList<Initializer> weights, WrittenModel? form = null) => skeleton.Write(path, weights, form);

    (Value? Weight, Value? Bias) HeadInputs(GraphBuilder b) => model.Head is not { } head ? (null, null)
        : (b.Input(head.Weight, Type, head.Shape), head.Bias is null ? null : b.Input(head.Bias, Type, new Shape(Sizes.VocabSize)));

    Value LogitsOf(GraphBuilder b, Value rows, Value? weight, Value? bias)
    {
        if (weight is null)
        {
            return rows;
        }

        var product = model.Head!.RowsAreTokens ? b.Linear(rows, weight) : b.MatMul(rows, weight);
        return bias is null ? product : b.Add(product, bias);
    }

    Dictionary<string, string> HeadNames() => model.Head is not { } head
        ? []
        : new[] { head.Weight, head.Bias }.OfType<string>().ToDictionary(n => n, StringComparer.Ordinal);
}
