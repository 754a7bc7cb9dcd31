using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>A product of activations with a parameter that is a matrix: x Wᵀ of W <c>[out, in]</c>, or x W of W <c>[in, out]</c>.</summary>
/// <param name="Weight">The matrix's name among the fragment's inputs.</param>
/// <param name="InFeatures">The last dimension of x.</param>
/// <param name="OutFeatures">The last dimension of the product.</param>
/// <param name="IsInOut">Whether the matrix lies <c>[in, out]</c>, as GPT-2's <c>Conv1D</c> has it.</param>
/// <param name="Node">The product.</param>
public sealed record LinearProduct(string Weight, long InFeatures, long OutFeatures, bool IsInOut, Node Node)
{
    /// <summary>
    /// The products of a fragment, in the order in which they run; those with a matrix that is read elsewhere too are not among them, since
    /// a change of one product would not be a change of the matrix.
    /// </summary>
    public static IReadOnlyList<LinearProduct> In(Fragment fragment)
    {
        var graph = fragment.Graph;
        var producers = graph.Nodes.SelectMany(n => n.Outputs.OfType<Value>().Select(v => (v, n))).ToDictionary(p => p.v, p => p.n);
        return [.. graph.Nodes.Select(Product).OfType<LinearProduct>().Where(p => Readers(p.Weight) == 1)];

        LinearProduct? Product(Node node)
        {
            if (node.Op.Type is not ("MatMul" or "FusedMatMul") || node.Attributes.Int("transA", 0) != 0
                || node.Attributes.Real("alpha", 1) != 1)
            {
                return null;
            }

            var (weight, isInOut) = (node.Input(1), node.Attributes.Int("transB", 0) == 0);
            if (weight.Shape.Rank == 2 && producers.TryGetValue(weight, out var producer) && producer.Op == "Transpose")
            {
                (weight, isInOut) = (producer.Input(0), !isInOut);
            }

            return fragment.ParameterNames.ContainsKey(weight.Name) && graph.Inputs.Contains(weight) && weight.Shape.Rank == 2
                && weight.Shape[0].Value is { } rows && weight.Shape[1].Value is { } columns
                ? new LinearProduct(weight.Name, isInOut ? rows : columns, isInOut ? columns : rows, isInOut, node)
                : null;
        }

        int Readers(string input) => graph.Nodes.Sum(n => n.Inputs.Count(v => v?.Name == input && graph.Inputs.Contains(v)));
    }
}
