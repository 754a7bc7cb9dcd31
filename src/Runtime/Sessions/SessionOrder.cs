using OrtDpo.Autodiff.Building;

namespace OrtDpo.Runtime.Sessions;

/// <summary>
/// The order in which ONNX Runtime runs the nodes of a graph that it does not rewrite: not that of the file, but a walk back from the
/// sinks, the last sink first and of a node's inputs the one that stands last (Graph::ReverseDFSFrom of version 1.31, sequential
/// execution).
/// </summary>
static class SessionOrder
{
    /// <summary>The nodes in the order of execution.</summary>
    public static IReadOnlyList<Node> Of(OnnxGraph graph)
    {
        var producers = new Dictionary<Value, int>();
        var hasReader = new bool[graph.Nodes.Count];
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            foreach (var output in graph.Nodes[i].Outputs.OfType<Value>())
            {
                producers[output] = i;
            }
        }

        var inputs = graph.Nodes.Select(
            n => n.Inputs.OfType<Value>().Where(producers.ContainsKey).Select(v => producers[v]).Distinct().Order().ToArray()).ToArray();
        foreach (var producer in inputs.SelectMany(i => i))
        {
            hasReader[producer] = true;
        }

        var order = new List<Node>(graph.Nodes.Count);
        var visited = new bool[graph.Nodes.Count];
        var open = new Stack<(int Node, bool IsDone)>();
        for (var i = 0; i < hasReader.Length; i++)
        {
            if (!hasReader[i])
            {
                open.Push((i, false));
            }
        }

        while (open.TryPop(out var next))
        {
            if (next.IsDone)
            {
                order.Add(graph.Nodes[next.Node]);
            }
            else if (!visited[next.Node])
            {
                visited[next.Node] = true;
                open.Push((next.Node, true));
                foreach (var input in inputs[next.Node].Where(i => !visited[i]))
                {
                    open.Push((input, false));
                }
            }
        }

        return order;
    }
}
