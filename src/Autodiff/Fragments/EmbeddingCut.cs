using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>An embedding without the matrix that tokens are looked up in, so that whoever runs it can look them up elsewhere.</summary>
/// <param name="Rest">
/// The fragment with the tokens' rows, <see cref="Rows"/> <c>[B, S, H]</c>, as an input in place of the matrix; all else is as it was.
/// </param>
/// <param name="Matrix">The parameter <c>[V, H]</c> whose rows they are.</param>
public sealed record EmbeddingCut(Fragment Rest, string Matrix)
{
    /// <summary>The rows' name among the inputs of <see cref="Rest"/>.</summary>
    public const string Rows = "embedded_tokens";

    /// <summary>
    /// The cut of a fragment that gathers rows of one parameter at the tokens as they come, and reads it nowhere else; null for any other.
    /// </summary>
    public static EmbeddingCut? Of(Fragment embed)
    {
        var graph = embed.Graph;
        if (graph.Nodes.Where(n => n.Op == "Gather" && n.Input(1).Name == FragmentPorts.InputIds).ToList() is not [var lookup]
            || lookup.Attributes.Int("axis", 0) != 0
            || !embed.ParameterNames.TryGetValue(lookup.Input(0).Name, out var matrix)
            || graph.Nodes.Any(n => n != lookup && n.Inputs.Contains(lookup.Input(0)))
            || graph.Outputs.Contains(lookup.Input(0)))
        {
            return null;
        }

        var rewrite = new GraphRewrite(
            graph, input: (b, v) => v == lookup.Input(0) ? null : b.Input(v.Name, v.Type, v.Shape));
        rewrite[lookup.Output] = rewrite.Builder.Input(Rows, lookup.Output.Type, lookup.Output.Shape);
        foreach (var node in graph.Nodes.Where(n => n != lookup))
        {
            rewrite.Copy(node);
        }

        var names = embed.ParameterNames.Where(n => n.Value != matrix).ToDictionary(StringComparer.Ordinal);
        return new EmbeddingCut(new Fragment(rewrite.Build(), names), matrix);
    }
}
