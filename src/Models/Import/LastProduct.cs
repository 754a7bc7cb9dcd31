using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Import;

/// <summary>The matrix product that makes logits of hidden states, recognised in a foreign graph.</summary>
/// <param name="Hidden">What it reads: <c>[…, H]</c>, one line per token.</param>
/// <param name="Weight">The parameter that it multiplies with.</param>
/// <param name="RowsAreTokens">The weight is <c>[V, H]</c>; else <c>[H, V]</c>.</param>
/// <param name="Bias">A parameter <c>[V]</c> that is added to the logits; null where there is none.</param>
sealed record LastProduct(Value Hidden, Value Weight, bool RowsAreTokens, Value? Bias)
{
    /// <summary>Walks back from the logits; null where something else than a product with one parameter makes them.</summary>
    public static LastProduct? Find(GraphBuilder b, Value logits, IReadOnlySet<Value> parameters)
    {
        Value? bias = null;
        var at = logits;
        while (b.Producer(at) is { } node)
        {
            switch (node.Op.Type)
            {
                case "Identity" or "Cast":
                case "Reshape" or "Squeeze" or "Unsqueeze" when node.Input(0).Shape[-1] == at.Shape[-1]:
                    at = node.Input(0);
                    break;
                case "Add" when bias is null
                    && node.Inputs.FirstOrDefault(v => v is { Shape.Rank: 1 } && parameters.Contains(v)) is { } added:
                    bias = added;
                    at = node.Input(0) == added ? node.Input(1) : node.Input(0);
                    break;
                case "MatMul" or "FusedMatMul" when node.Attributes.Int("transA", 0) == 0 && node.Attributes.Real("alpha", 1) == 1:
                    return Product(b, node, parameters, bias, logits.Shape.Elements);
                default:
                    return null;
            }
        }

        return null;
    }

    static LastProduct? Product(GraphBuilder b, Node node, IReadOnlySet<Value> parameters, Value? bias, Dim logits)
    {
        var (hidden, weight) = (node.Input(0), node.Input(1));
        var rowsAreTokens = node.Attributes.Int("transB", 0) != 0;
        if (b.Producer(weight) is { Op.Type: "Transpose" } transpose && weight.Shape.Rank == 2)
        {
            weight = transpose.Input(0);
            rowsAreTokens = !rowsAreTokens;
        }

        // One line of logits for one line of hidden states.
        var fits = parameters.Contains(weight) && weight.Shape.Rank == 2 && hidden.Shape[-1].Value is not null
            && hidden.Shape.Elements.DividedBy(hidden.Shape[-1]) == logits.DividedBy(weight.Shape[rowsAreTokens ? 0 : 1]);
        return fits ? new LastProduct(hidden, weight, rowsAreTokens, bias) : null;
    }
}
