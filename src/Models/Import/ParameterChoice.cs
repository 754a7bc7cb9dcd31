using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Import;

/// <summary>
/// Which initializers of a foreign graph train. An exporter writes parameters and constants alike (rotary tables, masks, scales), so the
/// use decides: one trains where it first meets values that depend on the tokens after being combined with nothing but other initializers
/// and constants; or where it is a matrix looked up by position and then added, as learned positions are.
/// </summary>
sealed class ParameterChoice
{
    static readonly HashSet<string> Layouts = ["Cast", "Expand", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"];

    readonly Dictionary<Value, List<Node>> readers = [];
    readonly HashSet<Value> tokens = [];
    readonly HashSet<Value> batch = [];
    readonly GraphBuilder graph;

    /// <param name="graph">A graph whose inputs are the batch and every initializer in question.</param>
    /// <param name="weights">The initializers in question.</param>
    /// <param name="ids">The tokens.</param>
    public ParameterChoice(GraphBuilder graph, IReadOnlySet<Value> weights, Value ids)
    {
        this.graph = graph;
        tokens.Add(ids);
        batch.UnionWith(graph.Inputs.Where(i => !weights.Contains(i)));
        foreach (var node in graph.Nodes)
        {
            foreach (var input in node.Inputs.OfType<Value>().Distinct())
            {
                (readers.TryGetValue(input, out var list) ? list : readers[input] = []).Add(node);
            }

            Spread(node, batch);
            // How many tokens there are says nothing of which.
            if (node.Op.Type is not ("Shape" or "Size"))
            {
                Spread(node, tokens);
            }
        }
    }

    enum Meeting
    {
        /// <summary>Combined with initializers and constants only.</summary>
        Directly,

        /// <summary>Lines of a matrix, chosen by position.</summary>
        ByPosition,
    }

    /// <summary>Whether <paramref name="weight"/> trains.</summary>
    public bool Trains(Value weight)
    {
        var seen = new HashSet<(Value, Meeting)>();
        var open = new Stack<(Value Value, Meeting Meeting)>([(weight, Meeting.Directly)]);
        while (open.TryPop(out var at))
        {
            if (!seen.Add(at) || !readers.TryGetValue(at.Value, out var nodes))
            {
                continue;
            }

            foreach (var node in nodes.Where(n => n.Output.Type.IsFloat()))
            {
                if (node.Outputs.OfType<Value>().Any(tokens.Contains))
                {
                    if (at.Meeting == Meeting.Directly || node.Op == "Add")
                    {
                        return true;
                    }
                }
                else if (Next(node, at.Value, at.Meeting) is { } meeting)
                {
                    foreach (var output in node.Outputs.OfType<Value>())
                    {
                        open.Push((output, meeting));
                    }
                }
            }
        }

        return false;
    }

    /// <summary>The fewest lines of a table that is read by position: the longest sequence; null where there is none.</summary>
    public long? Positions() => graph.Nodes
        .Where(n => n.Op == "Gather" && n.Attributes.Int("axis", 0) == 0 && batch.Contains(n.Input(1)) && !tokens.Contains(n.Input(1))
            && n.Input(0).Type.IsFloat() && n.Input(0).Shape.Rank > 1)
        .Min(n => n.Input(0).Shape[0].Value);

    Meeting? Next(Node node, Value value, Meeting meeting) =>
        !batch.Contains(node.Output) || Layouts.Contains(node.Op.Type) ? meeting
        : node.Op.Type is "Gather" or "Slice" && node.Input(0) == value && value.Shape.Rank == 2 && TakesLines(node) ? Meeting.ByPosition
        : null;

    bool TakesLines(Node node) => node.Op == "Gather"
        ? node.Attributes.Int("axis", 0) == 0
        : graph.Constants.TryGetValue(node.Input(3), out var axes) && axes.Int64s is [0];

    static void Spread(Node node, HashSet<Value> set)
    {
        if (node.Inputs.Any(v => v is not null && set.Contains(v)))
        {
            set.UnionWith(node.Outputs.OfType<Value>());
        }
    }
}
