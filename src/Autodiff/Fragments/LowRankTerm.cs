using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>
/// What LoRA (arXiv:2106.09685, §4.1) adds to a product: s · (x Aᵀ) Bᵀ with A <c>[r, in]</c> and B <c>[out, r]</c>, whichever way the
/// matrix itself lies.
/// </summary>
/// <param name="Rank">r.</param>
/// <param name="Scale">s.</param>
public readonly record struct LowRankTerm(int Rank, double Scale)
{
    const string Weight = ".weight";

    /// <summary>A's name beside that of the matrix, as PEFT has it: <c>….lora_A.weight</c> for <c>….weight</c>.</summary>
    public static string A(string weight) => Beside(weight, "lora_A");

    /// <summary>B's name beside that of the matrix: <c>….lora_B.weight</c>.</summary>
    public static string B(string weight) => Beside(weight, "lora_B");

    /// <summary>Whether a parameter is the A or B of a term.</summary>
    public static bool IsFactor(string parameter) =>
        parameter.Contains(".lora_A.", StringComparison.Ordinal) || parameter.Contains(".lora_B.", StringComparison.Ordinal);

    /// <summary>The fragment with terms, before it is differentiated: its gradient rules are those of any product.</summary>
    /// <param name="fragment">A fragment whose composites are not lowered.</param>
    /// <param name="terms">The terms by the names of the matrices among the fragment's inputs.</param>
    /// <exception cref="ArgumentException">The fragment has no product with a matrix of that name.</exception>
    public static OnnxGraph AddTo(Fragment fragment, IReadOnlyDictionary<string, LowRankTerm> terms)
    {
        var graph = fragment.Graph;
        var products = LinearProduct.In(fragment).Where(p => terms.ContainsKey(p.Weight)).ToDictionary(p => p.Node);
        if (terms.Keys.Except(products.Values.Select(p => p.Weight)).FirstOrDefault() is { } missing)
        {
            throw new ArgumentException($"Fragment '{graph.Name}' has no product with '{missing}' alone.", nameof(terms));
        }

        var rewrite = new GraphRewrite(graph);
        var b = rewrite.Builder;
        foreach (var node in graph.Nodes)
        {
            rewrite.Copy(node);
            if (products.TryGetValue(node, out var product))
            {
                using var scope = b.Scope($"{product.Weight}.lora");
                var term = Term(b, rewrite[node.Input(0)], product, terms[product.Weight]);
                rewrite[node.Output] = b.Add(rewrite[node.Output], term);
            }
        }

        return rewrite.Build();
    }

    static Value Term(GraphBuilder b, Value x, LinearProduct product, LowRankTerm term)
    {
        var down = b.Input(A(product.Weight), x.Type, new Shape(term.Rank, product.InFeatures));
        var up = b.Input(B(product.Weight), x.Type, new Shape(product.OutFeatures, term.Rank));
        return b.FusedMatMul(b.Linear(x, down), up, transB: true, alpha: term.Scale);
    }

    static string Beside(string weight, string part) =>
        weight.EndsWith(Weight, StringComparison.Ordinal) ? $"{weight[..^Weight.Length]}.{part}{Weight}" : $"{weight}.{part}{Weight}";
}
