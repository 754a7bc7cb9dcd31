using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Adapters;

/// <summary>
/// A decoder with low-rank terms beside its products (LoRA): the fragments of any model, foreign ones too, rewritten. Its parameters are
/// the base's and the terms', and of these the terms' alone train, and what is saved whole.
/// </summary>
/// <param name="model">The base.</param>
/// <param name="terms">From the names of weights to their terms; each is a matrix that one product of the body reads.</param>
/// <param name="saved">Parameters of the base that train whole.</param>
public sealed class AdaptedModel(
    DecoderModel model, IReadOnlyDictionary<string, LowRankTerm> terms, IReadOnlySet<string> saved) : DecoderModel(model.Sizes, model.Type)
{
    readonly HashSet<string> termNames = [.. terms.Keys.SelectMany(w => (string[])[LowRankTerm.A(w), LowRankTerm.B(w)])];

    /// <summary>The model without terms.</summary>
    public DecoderModel Base => model;

    /// <summary>The terms by the names of their weights.</summary>
    public IReadOnlyDictionary<string, LowRankTerm> Terms => terms;

    /// <summary>The parameters of the base that train whole.</summary>
    public IReadOnlySet<string> Saved => saved;

    /// <summary>A and B of every term, in the order of the forward pass.</summary>
    public IReadOnlyList<ModelParameter> TermParameters { get; } = TermParametersOf(model, terms);

    public override IReadOnlyList<ModelParameter> Parameters => [.. model.Parameters, .. TermParameters];

    public override BatchLayout Layout => model.Layout;

    public override string Family => model.Family;

    public override string? PositionsReason => model.PositionsReason;

    public override string BodyPrefix => model.BodyPrefix;

    public override HeadTie? Tie => model.Tie;

    public override IReadOnlyList<string> Notes => model.Notes;

    /// <summary>
    /// The products of a model's body that can have terms, by the names of their weights, in the order of the forward pass.
    /// </summary>
    public static IReadOnlyList<(string Weight, LinearProduct Product)> ProductsOf(DecoderModel model) =>
    [
        .. new[] { model.Embed() }.Concat(model.Layers())
            .SelectMany(fragment => LinearProduct.In(fragment).Select(p => (fragment.ParameterNames[p.Weight], p)))
            .DistinctBy(p => p.Item1),
    ];

    public override bool Trains(string parameter) => saved.Contains(parameter) || termNames.Contains(parameter);

    public override string Canonical() => model.Canonical();

    public override DecoderModel For(int maxLength) =>
        model.For(maxLength) is var chosen && ReferenceEquals(chosen, model) ? this : new AdaptedModel(chosen, terms, saved);

    public override Fragment Embed() => Adapt(model.Embed(), []);

    public override Fragment EmbedStacked() => Adapt(model.EmbedStacked(), []);

    public override IReadOnlyList<Fragment> Layers()
    {
        var graphs = new Dictionary<(OnnxGraph, string), OnnxGraph>();
        return [.. model.Layers().Select(layer => Adapt(layer, graphs))];
    }

    public override int? WindowOf(string mask) => model.WindowOf(mask);

    public override Fragment Head(Dim? completions = null) => model.Head(completions);

    public override Fragment Logits() => model.Logits();

    public override IReadOnlyList<ModelTable> Tables() => model.Tables();

    public override bool IsBuffer(string tensor) => model.IsBuffer(tensor);

    static IReadOnlyList<ModelParameter> TermParametersOf(DecoderModel model, IReadOnlyDictionary<string, LowRankTerm> terms) =>
    [
        .. ProductsOf(model).Where(p => terms.ContainsKey(p.Weight)).SelectMany(p => (ModelParameter[])
        [
            new(LowRankTerm.A(p.Weight), [terms[p.Weight].Rank, p.Product.InFeatures]),
            new(LowRankTerm.B(p.Weight), [p.Product.OutFeatures, terms[p.Weight].Rank]),
        ]),
    ];

    // Fragments that share a graph share what is made of it, where they have the same terms and train the same.
    Fragment Adapt(Fragment fragment, Dictionary<(OnnxGraph, string), OnnxGraph> graphs)
    {
        var own = fragment.ParameterNames.Where(p => terms.ContainsKey(p.Value)).ToDictionary(p => p.Key, p => terms[p.Value]);
        var whole = fragment.ParameterNames.Where(p => saved.Contains(p.Value)).Select(p => p.Key).Order(StringComparer.Ordinal);
        var kind = string.Join('\n', own.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key} {t.Value}").Concat(whole));
        if (!graphs.TryGetValue((fragment.Graph, kind), out var graph))
        {
            graphs.Add((fragment.Graph, kind), graph = LowRankTerm.AddTo(fragment, own));
        }

        var names = new Dictionary<string, string>(fragment.ParameterNames, StringComparer.Ordinal);
        foreach (var input in own.Keys)
        {
            names.Add(LowRankTerm.A(input), LowRankTerm.A(fragment.ParameterNames[input]));
            names.Add(LowRankTerm.B(input), LowRankTerm.B(fragment.ParameterNames[input]));
        }

        return new Fragment(graph, names);
    }
}
