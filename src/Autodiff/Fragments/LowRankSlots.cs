using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>
/// Places for low-rank terms that are given when a model runs: beside a product y, inputs A <c>[in, rank]</c> and B <c>[rank, out]</c>, and
/// y + (x A) B in its place. The rank is open, for each product its own, and 0 where nothing is given: the term is then zero.
/// </summary>
/// <remarks>
/// The inputs are called as <see cref="LowRankTerm"/> calls a term's parameters, whose sizes are the other way round, and without a scale:
/// so do Olive's <c>convert-adapters</c> and hosts' adapters.
/// </remarks>
public static class LowRankSlots
{
    /// <summary>The inputs beside the products with these matrices.</summary>
    public static IEnumerable<string> Inputs(IEnumerable<string> weights) =>
        weights.SelectMany(weight => (string[])[LowRankTerm.A(weight), LowRankTerm.B(weight)]);

    /// <summary>A model's graph with places for terms.</summary>
    /// <param name="graph">A graph whose composites are not lowered, with its parameters as inputs.</param>
    /// <param name="weights">The matrices among its inputs whose products get one.</param>
    /// <param name="type">What the terms' numbers are fed as; they are widened to what the product computes in.</param>
    /// <exception cref="ArgumentException">The graph has no product with a matrix of that name alone.</exception>
    public static OnnxGraph AddTo(OnnxGraph graph, IReadOnlyCollection<string> weights, DataType type)
    {
        var names = graph.Inputs.ToDictionary(input => input.Name, input => input.Name, StringComparer.Ordinal);
        var chosen = weights.ToHashSet(StringComparer.Ordinal);
        var products = LinearProduct.In(new Fragment(graph, names)).Where(p => chosen.Contains(p.Weight)).ToDictionary(p => p.Node);
        if (chosen.Except(products.Values.Select(p => p.Weight)).FirstOrDefault() is { } missing)
        {
            throw new ArgumentException($"Graph '{graph.Name}' has no product with '{missing}' alone.", nameof(weights));
        }

        var rewrite = new GraphRewrite(graph);
        var b = rewrite.Builder;
        foreach (var node in graph.Nodes)
        {
            rewrite.Copy(node);
            if (products.TryGetValue(node, out var product))
            {
                using var scope = b.Scope($"{product.Weight}.lora");
                // Of each product its own: hosts take sizes of one name for equal, and adapters have other ranks elsewhere, or no term.
                Dim rank = $"{product.Weight}.rank";
                var x = rewrite[node.Input(0)];
                var down = b.Input(LowRankTerm.A(product.Weight), type, new Shape(product.InFeatures, rank));
                var up = b.Input(LowRankTerm.B(product.Weight), type, new Shape(rank, product.OutFeatures));
                var term = b.MatMul(b.MatMul(x, b.Cast(down, x.Type)), b.Cast(up, x.Type));
                rewrite[node.Output] = b.Add(rewrite[node.Output], term);
            }
        }

        return rewrite.Build();
    }
}
