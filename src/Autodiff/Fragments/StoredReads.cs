using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>
/// A graph that computes in float32 over parameters that are stored in 16 bits: each read of one becomes a Cast of it, so that its float32
/// copy lives for one product. Of a table whose lines are gathered, the lines alone are widened. Every 16-bit value has an exact float32:
/// the numbers are those of a model that was widened first.
/// </summary>
public static class StoredReads
{
    /// <summary>The graph with the inputs that <paramref name="stored"/> names in the types that it gives.</summary>
    /// <param name="graph">The graph, in float32.</param>
    /// <param name="stored">From inputs to <see cref="DataType.BFloat16"/> or <see cref="DataType.Float16"/>.</param>
    public static OnnxGraph Of(OnnxGraph graph, IReadOnlyDictionary<string, DataType> stored)
    {
        var rewrite = new GraphRewrite(
            graph, input: (b, v) => b.Input(v.Name, stored.GetValueOrDefault(v.Name, v.Type), v.Shape));
        var b = rewrite.Builder;
        foreach (var node in graph.Nodes)
        {
            if (node.Op == "Gather" && node.Input(0) is var table && rewrite[table].Type != table.Type)
            {
                var lines = b.Add(node.Op, [rewrite[table], rewrite[node.Input(1)]], node.Attributes);
                rewrite[node.Output] = b.Cast(lines, table.Type);
                continue;
            }

            // A Cast of its own for each reader: shared, it would live from the first to the last.
            var copy = b.AddCopy(node, [.. node.Inputs.Select(v => v is null ? null : b.Cast(rewrite[v], v.Type))]);
            rewrite.Replace(node, copy.Outputs);
        }

        return rewrite.Build();
    }
}
