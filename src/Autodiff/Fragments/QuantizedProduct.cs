using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>
/// How one of ONNX Runtime's own operators multiplies by a matrix of few bits: x Wᵀ of W <c>[out, in]</c>, whichever way the model has the
/// matrix. Behind x the operator reads the parts of the matrix, as constants: its fast kernels are for these.
/// </summary>
/// <param name="OpType">The operator, of com.microsoft.</param>
/// <param name="Attributes">Its attributes.</param>
/// <param name="Parts">Names, types and sizes of the parts, in the operator's order.</param>
public sealed record QuantizedProduct(
    string OpType, Attributes Attributes, IReadOnlyList<(string Name, DataType Type, long[] Shape)> Parts)
{
    /// <summary>A model's graph with such operators in the place of products. Their parts are inputs, and the matrices are none.</summary>
    /// <param name="graph">A graph whose composites are not lowered, with its parameters as inputs.</param>
    /// <param name="products">The operators by the names of the matrices among its inputs.</param>
    /// <exception cref="ArgumentException">The graph has no product with a matrix of that name alone.</exception>
    public static OnnxGraph Put(OnnxGraph graph, IReadOnlyDictionary<string, QuantizedProduct> products)
    {
        if (products.Count == 0)
        {
            return graph;
        }

        var names = graph.Inputs.ToDictionary(input => input.Name, input => input.Name, StringComparer.Ordinal);
        var linear = LinearProduct.In(new Fragment(graph, names)).Where(p => products.ContainsKey(p.Weight)).ToDictionary(p => p.Node);
        if (products.Keys.Except(linear.Values.Select(p => p.Weight)).FirstOrDefault() is { } missing)
        {
            throw new ArgumentException($"Graph '{graph.Name}' has no product with '{missing}' alone.", nameof(products));
        }

        var gone = graph.Inputs.Where(input => products.ContainsKey(input.Name)).ToHashSet();
        var rewrite = new GraphRewrite(
            graph, input: (b, value) => gone.Contains(value) ? null : b.Input(value.Name, value.Type, value.Shape));
        foreach (var node in graph.Nodes)
        {
            if (linear.TryGetValue(node, out var product))
            {
                var quantized = products[product.Weight];
                var parts = quantized.Declare(rewrite.Builder);
                rewrite.Replace(node, [quantized.Multiply(rewrite.Builder, rewrite[node.Input(0)], parts, node, product.Weight)]);
            }
            // The matrix transposed, which nothing but its product reads.
            else if (!node.Inputs.Any(value => value is not null && gone.Contains(value)))
            {
                rewrite.Copy(node);
            }
        }

        return rewrite.Build();
    }

    /// <summary>Declares the parts, as inputs.</summary>
    internal Value[] Declare(GraphBuilder b) =>
        [.. Parts.Select(part => b.Input(part.Name, part.Type, new Shape(part.Shape.Select(size => (Dim)size))))];

    /// <summary>The product of x and the matrix of these parts.</summary>
    internal Value Multiply(GraphBuilder b, Value x, Value[] parts, Node product, string weight)
    {
        using var scope = b.Scope(weight);
        return b.AddShaped(new Op(Op.Microsoft, OpType), [x, .. parts], Attributes, product.Output.Shape).Output;
    }
}
