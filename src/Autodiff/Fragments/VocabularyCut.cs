using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>
/// A head divided where its largest tensors begin: what makes the rows that meet the vocabulary, and the matrix that they meet, which can
/// then be read in parts.
/// </summary>
/// <param name="Rows">
/// The head up to the product: the same inputs but for the tokens' ids and mask; output <see cref="RowsOutput"/> <c>[R·T, H]</c>.
/// </param>
/// <param name="Vocabulary">The parameter <c>[V, H]</c> whose product with the rows are the logits.</param>
/// <param name="SoftCap">c of logits c · tanh(product / c); null: none.</param>
public sealed record VocabularyCut(Fragment Rows, string Vocabulary, double? SoftCap)
{
    /// <summary>The rows' name among the outputs of <see cref="Rows"/>.</summary>
    public const string RowsOutput = "rows";

    /// <summary>
    /// The cut of a head whose output is one <see cref="CompositeOps.TokenLogProbs"/> over a parameter; null for any other head.
    /// </summary>
    public static VocabularyCut? Of(Fragment head)
    {
        if (head.Graph.Nodes.Where(n => n.Op == CompositeOps.TokenLogProbs).ToList() is not [var product]
            || !head.ParameterNames.TryGetValue(product.Input(1).Name, out var vocabulary)
            || head.Graph.Nodes.Any(n => n != product && n.Inputs.Contains(product.Input(1))))
        {
            return null;
        }

        var b = new GraphBuilder("head_rows");
        var inputs = head.Graph.Inputs.ToDictionary(v => v.Name, v => b.Input(v.Name, v.Type, v.Shape), StringComparer.Ordinal);
        b.Inline(head.Graph, inputs, "head");
        var copy = b.Nodes.Single(n => n.Op == CompositeOps.TokenLogProbs);
        var rows = b.Build([(RowsOutput, copy.Input(0))], pruneInputs: true);
        var names = rows.Inputs.Where(v => head.ParameterNames.ContainsKey(v.Name))
            .ToDictionary(v => v.Name, v => head.ParameterNames[v.Name], StringComparer.Ordinal);
        double? cap = product.Attributes.Real("soft_cap", 0) is > 0 and var c ? c : null;
        return new VocabularyCut(new Fragment(rows, names), vocabulary, cap);
    }
}
