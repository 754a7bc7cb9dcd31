using System.Runtime.InteropServices;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;

namespace OrtDpo.Models.Import;

/// <summary>
/// Finds the embedding that a head repeats: exporters fold the transpose of a tied head into an initializer of its own, and the two would
/// train apart.
/// </summary>
static class TiedHead
{
    /// <summary>
    /// The parameter <c>[V, H]</c> that is gathered by the tokens and holds the head's numbers; null where the head is its own.
    /// </summary>
    public static Value? Find(OnnxFile file, GraphBuilder b, LastProduct product) => b.Nodes
        .Where(n => n.Op == "Gather" && IsTokens(b, n.Input(1)))
        .Select(n => n.Input(0))
        .Where(table => table != product.Weight && file.Initializers.ContainsKey(table.Name))
        .FirstOrDefault(table => SameNumbers(file, table.Name, product));

    static bool IsTokens(GraphBuilder b, Value indices) =>
        indices.Name == FragmentPorts.InputIds
        || (b.Producer(indices) is { Op.Type: "Cast" or "Reshape" or "Identity" } node && IsTokens(b, node.Input(0)));

    static bool SameNumbers(OnnxFile file, string table, LastProduct product)
    {
        var embedding = file.Read(file.Initializers[table]);
        var head = file.Read(file.Initializers[product.Weight.Name]);
        if (embedding.Type != ElementType.Float || head.Type != ElementType.Float)
        {
            return false;
        }

        if (product.RowsAreTokens)
        {
            return embedding.Shape.AsSpan().SequenceEqual(head.Shape) && embedding.Bytes.SequenceEqual(head.Bytes);
        }

        if (embedding.Shape is not [var rows, var columns] || head.Shape is not [var h, var v] || rows != v || columns != h)
        {
            return false;
        }

        var e = MemoryMarshal.Cast<byte, float>(embedding.Bytes);
        var w = MemoryMarshal.Cast<byte, float>(head.Bytes);
        for (var row = 0; row < (int)rows; row++)
        {
            for (var column = 0; column < (int)columns; column++)
            {
                if (e[(row * (int)columns) + column] != w[(column * (int)rows) + row])
                {
                    return false;
                }
            }
        }

        return true;
    }
}
