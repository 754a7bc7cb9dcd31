using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Gradients;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>
/// A fragment made trainable: the forward graph that also hands out what the backward reads, and the backward graph, with the same saved
/// values as inputs. Where nothing is saved, the backward recomputes the forward from the fragment's inputs.
/// </summary>
/// <remarks>
/// The backward graph's inputs are the saved values, inputs of the forward, <c>X_grad</c> for every output X, and for every trained
/// parameter W the buffer <c>W_grad.in</c>; its outputs are <c>X_grad</c> for the wanted inputs and <c>W_grad</c> = buffer + gradient, to
/// be bound to the same memory as the buffer. Gradients that touch rows only come as <c>W_grad_rows</c> and <c>W_grad_rows.indices</c>:
/// whoever runs the graph adds them in sequence.
/// </remarks>
public sealed class FragmentGradient
{
    const string BufferSuffix = ".in", IndicesSuffix = ".indices";

    FragmentGradient(OnnxGraph forward, OnnxGraph backward, IReadOnlyList<string> saved)
    {
        Forward = forward;
        Backward = backward;
        Saved = saved;
        CheckBuffers();
    }

    /// <summary>The fragment's outputs, then the saved values.</summary>
    public OnnxGraph Forward { get; }

    public OnnxGraph Backward { get; }

    /// <summary>Names of the saved values: outputs of <see cref="Forward"/> and inputs of <see cref="Backward"/>.</summary>
    public IReadOnlyList<string> Saved { get; }

    public static string Gradient(string name) => $"{name}_grad";

    public static string Buffer(string name) => Gradient(name) + BufferSuffix;

    public static string Rows(string name) => $"{name}_grad_rows";

    public static string RowIndices(string name) => Rows(name) + IndicesSuffix;

    /// <summary>Differentiates <paramref name="graph"/>.</summary>
    /// <param name="graph">The forward graph, composites not yet lowered.</param>
    /// <param name="seeds">The outputs that have incoming gradients.</param>
    /// <param name="wanted">Inputs whose gradients go on to the fragment before.</param>
    /// <param name="trained">Parameters whose gradients add into buffers.</param>
    /// <param name="keep">Save what is expensive to compute again; else recompute everything.</param>
    public static FragmentGradient Build(
        OnnxGraph graph, IEnumerable<string> seeds, IEnumerable<string> wanted, IEnumerable<string> trained, bool keep)
    {
        var b = new GraphBuilder(graph.Name);
        var inputs = graph.Inputs.ToDictionary(i => i.Name, i => b.Input(i.Name, i.Type, i.Shape), StringComparer.Ordinal);
        var outputs = b.Inline(graph, inputs, "forward");
        var forward = b.Nodes.ToList();

        var activations = wanted.Select(n => inputs[n]).ToList();
        var parameters = trained.Select(n => inputs[n]).ToList();
        var incoming = seeds.ToDictionary(n => n, n => b.Input(Gradient(n), outputs[n].Type, outputs[n].Shape), StringComparer.Ordinal);
        var gradients = Backpropagation.Append(b, incoming.Select(s => (outputs[s.Key], s.Value)), [.. activations, .. parameters]);

        var results = new List<(string Name, Value Value)>();
        var buffers = new List<Value>();
        foreach (var activation in activations)
        {
            AddRows(results, gradients, activation);
            if (Sum(b, gradients.Dense(activation)) is { } gradient)
            {
                results.Add((Gradient(activation.Name), gradient));
            }
        }

        foreach (var parameter in parameters)
        {
            AddRows(results, gradients, parameter);
            if (gradients.Dense(parameter) is { Count: > 0 } parts)
            {
                var buffer = b.Input(Buffer(parameter.Name), parameter.Type, parameter.Shape);
                buffers.Add(buffer);
                results.Add((Gradient(parameter.Name), Accumulate(b, buffer, parts)));
            }
        }

        var saved = keep ? SavedValues.Choose(b, forward, results.Select(r => r.Value)) : [];
        var backward = Subgraph.Cut(b, $"{graph.Name}_backward", [.. saved, .. inputs.Values, .. incoming.Values, .. buffers], results);
        // A saved value that is an output too is handed out twice: the output goes its own way.
        var handedOut = outputs.Select(o => (o.Key, o.Value)).Concat(saved.Select(v => (v.Name, v)));
        return new FragmentGradient(Subgraph.Cut(b, graph.Name, inputs.Values, handedOut), backward, [.. saved.Select(v => v.Name)]);
    }

    /// <summary>The outputs of a backward graph that are buffers with gradients added, and the buffers.</summary>
    internal static IEnumerable<(Value Output, Value Buffer)> Buffered(OnnxGraph backward) =>
        from output in backward.Outputs
        from input in backward.Inputs
        where input.Name == output.Name + BufferSuffix
        select (output, input);

    /// <summary>The outputs of a backward graph that touch rows only.</summary>
    internal static IEnumerable<Value> RowOutputs(OnnxGraph backward)
    {
        var names = backward.Outputs.Select(v => v.Name).ToHashSet(StringComparer.Ordinal);
        return backward.Outputs.Where(v => names.Contains(v.Name + IndicesSuffix));
    }

    static void AddRows(List<(string Name, Value Value)> results, GradientSet gradients, Value value)
    {
        var rows = gradients.Rows(value);
        if (rows.Count > 1)
        {
            throw new NotSupportedException($"'{value.Name}' is gathered {rows.Count} times in one fragment; "
                + "at most one gather per fragment is supported.");
        }

        if (rows.Count == 1)
        {
            results.Add((Rows(value.Name), rows[0].Rows));
            results.Add((RowIndices(value.Name), rows[0].Indices));
        }
    }

    // buffer + Σ parts. A single product of matrices adds inside itself (Gemm's C), without a temporary of the weight's size.
    static Value Accumulate(GraphBuilder b, Value buffer, IReadOnlyList<Value> parts)
    {
        if (parts.Count == 1 && b.Producer(parts[0]) is { Op.Type: "Gemm", Inputs.Length: 2 } gemm)
        {
            using var scope = b.Scope($"grad/{buffer.Name}", gemm.GradientOf);
            return b.Add(gemm.Op, [gemm.Inputs[0], gemm.Inputs[1], buffer], gemm.Attributes);
        }

        return b.Add(Sum(b, parts)!, buffer);
    }

    static Value? Sum(GraphBuilder b, IReadOnlyList<Value> parts) => parts.Count == 0 ? null : parts.Aggregate(b.Add);

    /// <summary>The same gradient by other graphs with the same inputs and outputs.</summary>
    internal FragmentGradient With(OnnxGraph forward, OnnxGraph backward) => new(forward, backward, Saved);

    // The buffer's memory is overwritten by the node that adds into it: nobody else may read it, for the planner does not see the aliasing.
    void CheckBuffers()
    {
        foreach (var (output, buffer) in Buffered(Backward))
        {
            var readers = Backward.Nodes.Where(n => n.Inputs.Contains(buffer)).ToList();
            if (readers is not [var reader])
            {
                throw new InvalidOperationException(
                    $"Buffer '{buffer.Name}' has {readers.Count} readers; adding in place needs exactly one.");
            }

            if (reader.Output != output || output.Type != buffer.Type)
            {
                throw new InvalidOperationException($"Buffer '{buffer}' is read by node {reader}, which does not make '{output}'.");
            }
        }
    }
}
