using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Sessions;

/// <summary>
/// A graph, lowered and loaded into ONNX Runtime. Tensors go in and out by the graph's names, in memory that the caller holds.
/// </summary>
public sealed class GraphSession : IDisposable
{
    readonly MemoryPurpose purpose;
    readonly Lazy<InferenceSession> session;
    readonly Lazy<SessionTemporaries> temporaries;
    readonly RunOptions runOptions = new();
    readonly string[] inputNames;
    readonly string[] outputNames;

    /// <summary>Lowers the graph; ONNX Runtime loads it when it first runs.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="purpose">What its outputs, and what it needs while it runs, are charged to.</param>
    /// <param name="lowering">How composites are replaced.</param>
    public GraphSession(
        OnnxGraph graph, MemoryPurpose purpose = MemoryPurpose.Activations, LoweringKind lowering = LoweringKind.Fused)
    {
        this.purpose = purpose;
        Graph = graph.Lower(lowering);
        session = new(Load);
        temporaries = new(() => new SessionTemporaries(Graph));
        inputNames = [.. Graph.Inputs.Select(v => v.Name)];
        outputNames = [.. Graph.Outputs.Select(v => v.Name)];
    }

    /// <summary>The lowered graph.</summary>
    public OnnxGraph Graph { get; }

    /// <summary>Runs the graph.</summary>
    /// <param name="inputs">Every input by name; more are ignored.</param>
    /// <param name="pool">Where outputs that are not bound get their memory.</param>
    /// <param name="bound">Outputs to write into given tensors.</param>
    /// <returns>All outputs by name; the caller disposes those that it did not bind.</returns>
    /// <exception cref="ArgumentException">An input is missing, or has another type or shape than the graph says.</exception>
    public Dictionary<string, NativeTensor> Run(
        IReadOnlyDictionary<string, NativeTensor> inputs, MemoryPool pool, IReadOnlyDictionary<string, NativeTensor>? bound = null)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        var inputTensors = new NativeTensor[inputNames.Length];
        for (var i = 0; i < inputTensors.Length; i++)
        {
            var declared = Graph.Inputs[i];
            var tensor = inputs.TryGetValue(declared.Name, out var found)
                ? found
                : throw new ArgumentException($"Graph '{Graph.Name}': input '{declared.Name}' is missing.", nameof(inputs));
            Match(declared, tensor, sizes);
            inputTensors[i] = tensor;
        }

        var results = new Dictionary<string, NativeTensor>(outputNames.Length, StringComparer.Ordinal);
        var outputTensors = new NativeTensor[outputNames.Length];
        for (var i = 0; i < outputTensors.Length; i++)
        {
            var declared = Graph.Outputs[i];
            var tensor = bound?.GetValueOrDefault(declared.Name) ?? NativeTensor.Rent(
                pool, purpose, declared.Type, declared.Shape.Evaluate(sizes));
            results.Add(declared.Name, tensor);
            outputTensors[i] = tensor;
        }

        if (pool.IsDry)
        {
            temporaries.Value.Replay(pool, purpose, sizes);
            return results;
        }

        // Loaded before the pool lends: what a session holds as long as it lives is not a run's.
        var loaded = session.Value;
        using var lending = pool.LendTo(purpose);
        using var denormals = DenormalsAsZero.Enter();
        loaded.Run(
            runOptions, inputNames, Array.ConvertAll(inputTensors, t => t.Value),
            outputNames, Array.ConvertAll(outputTensors, t => t.Value));
        return results;
    }

    public void Dispose()
    {
        runOptions.Dispose();
        if (session.IsValueCreated)
        {
            session.Value.Dispose();
        }
    }

    InferenceSession Load()
    {
        using var options = Options(Graph.RequiresOneThread);
        using var denormals = DenormalsAsZero.Enter();
        return new InferenceSession(OnnxModelWriter.ToBytes(Graph), options);
    }

    // Symbols get their sizes from the inputs; every later mention must agree.
    void Match(Value declared, NativeTensor tensor, Dictionary<string, long> sizes)
    {
        var shape = declared.Shape;
        var fits = tensor.Type == declared.Type && tensor.Shape.Length == shape.Rank;
        for (var i = 0; fits && i < shape.Rank; i++)
        {
            var dim = shape[i];
            if (dim.Factors is [var symbol])
            {
                sizes.TryAdd(symbol, tensor.Shape[i] / dim.Coefficient);
                fits = sizes[symbol] * dim.Coefficient == tensor.Shape[i];
            }
            else if (dim.Value is { } value)
            {
                fits = value == tensor.Shape[i];
            }
        }

        if (!fits)
        {
            throw new ArgumentException(
                $"Graph '{Graph.Name}': input '{declared.Name}' is {tensor.Type} [{string.Join(", ", tensor.Shape)}]; "
                + $"expected {declared.Type} {shape}"
                + $"{(sizes.Count > 0 ? $" with {string.Join(", ", sizes.Select(s => $"{s.Key} = {s.Value}"))}" : "")}.");
        }
    }

    static SessionOptions Options(bool oneThread)
    {
        var options = OrtProcess.DefaultOptions(oneThread);
        // The graph is fused already: rewriting gains nothing (measured), CSE would merge recomputation with what it is meant to replace,
        // and what runs is what SessionTemporaries plans for.
        options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
        return options;
    }
}
