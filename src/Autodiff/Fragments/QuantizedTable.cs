using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>
/// A matrix of few bits whose rows are looked up, and with which a head may multiply too: both operators read the same codes, so that a
/// tied embedding is there once.
/// </summary>
public static class QuantizedTable
{
    /// <summary>
    /// A model's graph in which rows of the matrices are looked up by <c>GatherBlockQuantized</c>, and products are by
    /// <c>MatMulNBits</c>. Their parts are inputs, and the matrices are none.
    /// </summary>
    /// <param name="graph">A graph whose composites are not lowered, with its parameters as inputs.</param>
    /// <param name="tables">
    /// The products by the names of the matrices among its inputs: of <c>MatMulNBits</c>, without zero points, and of whole blocks.
    /// </param>
    /// <exception cref="ArgumentException">Something else reads such a matrix.</exception>
    public static OnnxGraph Put(OnnxGraph graph, IReadOnlyDictionary<string, QuantizedProduct> tables)
    {
        if (tables.Count == 0)
        {
            return graph;
        }

        var gone = graph.Inputs.Where(input => tables.ContainsKey(input.Name)).ToHashSet();
        var rewrite = new GraphRewrite(
            graph, input: (b, value) => gone.Contains(value) ? null : b.Input(value.Name, value.Type, value.Shape));
        var parts = tables.ToDictionary(table => table.Key, table => table.Value.Declare(rewrite.Builder), StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (node.Inputs.FirstOrDefault(value => value is not null && gone.Contains(value)) is not { } matrix)
            {
                rewrite.Copy(node);
                continue;
            }

            var (table, own) = (tables[matrix.Name], parts[matrix.Name]);
            if (node.Op.Type == "Gather" && node.Attributes.Int("axis", 0) == 0 && node.Inputs[0] == matrix)
            {
                rewrite.Replace(node, [Rows(rewrite.Builder, table, own, rewrite[node.Input(1)], node, matrix.Name)]);
            }
            else if (node.Op.Type == "FusedMatMul" && node.Attributes.Int("transB", 0) == 1 && node.Attributes.Int("transA", 0) == 0
                && node.Attributes.Real("alpha", 1) == 1 && node.Inputs[1] == matrix)
            {
                rewrite.Replace(node, [table.Multiply(rewrite.Builder, rewrite[node.Input(0)], own, node, matrix.Name)]);
            }
            else
            {
                throw new ArgumentException(
                    $"Node {node} reads '{matrix.Name}', and is no lookup of rows and no product with it.", nameof(tables));
            }
        }

        return rewrite.Build();
    }

    // The codes are [V, blocks, bytes], as MatMulNBits has them. For the lookup a block is a row of its own, whose scale needs an axis
    // more: so nothing but scales may exist twice in a host.
    static Value Rows(GraphBuilder b, QuantizedProduct table, Value[] parts, Value ids, Node lookup, string weight)
    {
        using var scope = b.Scope(weight);
        var (block, bits) = (table.Attributes.Int("block_size", 0), table.Attributes.Int("bits", 0));
        var attributes = Attributes.None.With("bits", bits).With("block_size", block).With("gather_axis", 0L).With("quantize_axis", 2L);
        var rows = b.AddShaped(
            new Op(Op.Microsoft, "GatherBlockQuantized"), [parts[0], ids, b.Unsqueeze(parts[1], 2)], attributes, parts[1].Type,
            new Shape([.. ids.Shape, parts[0].Shape[1], block])).Output;
        return b.Reshape(rows, lookup.Output.Shape);
    }
}
