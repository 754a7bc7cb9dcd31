using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>A part of a model: a graph, and which of its inputs are parameters, under which Hugging Face names.</summary>
/// <param name="Graph">The graph; parameters are among its inputs.</param>
/// <param name="ParameterNames">From graph input to the parameter's name in the model.</param>
public sealed record Fragment(OnnxGraph Graph, IReadOnlyDictionary<string, string> ParameterNames)
{
    /// <summary>The fragment without the outputs called <paramref name="names"/>, and what only they need.</summary>
    public Fragment Without(IReadOnlySet<string> names)
    {
        var b = new GraphBuilder(Graph.Name);
        var made = b.Inline(Graph, Graph.Inputs.ToDictionary(v => v.Name, v => b.Input(v.Name, v.Type, v.Shape)), "part");
        var graph = b.Build(made.Where(o => !names.Contains(o.Key)).Select(o => (o.Key, o.Value)), pruneInputs: true);
        return new Fragment(graph, graph.Inputs.Where(v => ParameterNames.ContainsKey(v.Name))
            .ToDictionary(v => v.Name, v => ParameterNames[v.Name], StringComparer.Ordinal));
    }
}
