using System.Text.RegularExpressions;
using OrtDpo.Models.Import;

namespace OrtDpo.Models.Quantized;

/// <summary>What a host computes otherwise than a model whose layers have its matrices.</summary>
static partial class HostNotes
{
    const int Int8 = 4;

    public static IEnumerable<string> Of(OnnxFile file, HostedNodes nodes)
    {
        var name = Path.GetFileName(file.Path);
        if (Kept(file, nodes).ToList() is { Count: > 0 } kept)
        {
            yield return $"{name} has {string.Join(" and ", kept.Select(k => k.What))} quantized; here they stay as in the model folder, "
                + "so that numbers differ from the host's; exported with "
                + $"nodes_to_exclude={string.Join(',', kept.Select(k => k.Exclude))} the host has them so too";
        }

        if (nodes.All.Where(n => n.AccuracyLevel == Int8).ToList() is [var first, ..] rounding)
        {
            yield return $"{name}: accuracy_level is 4 in {rounding.Count} of {nodes.All.Count} MatMulNBits nodes, '{first.Name}' the "
                + "first: the host may round what is multiplied with these matrices to int8, which is not done here; exported with "
                + "accuracy_level=1 it does not";
        }
    }

    // Matrices outside the layers, and the float nodes that they were made of.
    static IEnumerable<(string What, string Exclude)> Kept(OnnxFile file, HostedNodes nodes)
    {
        foreach (var head in nodes.Heads)
        {
            yield return ($"the head ('{head.Name}', {head.Bits} bits)", Suffix().Replace(head.Name, ""));
        }

        foreach (var node in file.Graph.Node.Where(n => n is { OpType: "GatherBlockQuantized", Domain: "com.microsoft" }))
        {
            var floats = Suffix().Replace(node.Name, "").Replace(node.OpType, "Gather", StringComparison.Ordinal);
            yield return ($"the embedding ('{node.Name}')", floats);
        }
    }

    // What quantisers put behind a node's name.
    [GeneratedRegex("(?:_Q[0-9]+|_Quant|NBits)$", RegexOptions.IgnoreCase)]
    private static partial Regex Suffix();
}
