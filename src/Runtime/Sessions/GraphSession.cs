using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Sessions;

/// <summary>
/// A graph, lowered for the device of the pool that it first runs with and loaded into ONNX Runtime there. Tensors go in and out by the
/// graph's names, in memory that the caller holds.
/// </summary>
public sealed class GraphSession : IDisposable
{
    readonly MemoryPurpose purpose;
    readonly Lazy<SessionTemporaries> temporaries;
    readonly string[] outputNames;
    OnnxGraph? lowered;
    (InferenceSession Session, RunOptions Options, Device Device, string[] InputNames)? loaded;

    /// <param name="graph">The graph.</param>
    /// <param name="purpose">What its outputs, and what it needs while it runs, are charged to.</param>
    public GraphSession(OnnxGraph graph, MemoryPurpose purpose = MemoryPurpose.Activations)
    {
        this.purpose = purpose;
        Graph = graph;
        temporaries = new(() => new SessionTemporaries(lowered!));
        outputNames = [.. Graph.Outputs.Select(v => v.Name)];
    }

    /// <summary>The graph as it was given.</summary>
    public OnnxGraph Graph { get; }

    /// <summary>Runs the graph.</summary>
    /// <param name="inputs">Every input by name; more are ignored.</param>
    /// <param name="pool">Where outputs that are not bound get their memory.</param>
    /// <param name="bound">Outputs to write into given tensors.</param>
    /// <returns>All outputs by name; the caller disposes those that it did not bind.</returns>
    /// <exception cref="ArgumentException">An input is missing, or has another type or shape than the graph says.</exception>
    public Dictionary<string, DeviceTensor> Run(
        IReadOnlyDictionary<string, DeviceTensor> inputs, MemoryPool pool, IReadOnlyDictionary<string, DeviceTensor>? bound = null)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var declared in Graph.Inputs)
        {
            var tensor = inputs.TryGetValue(declared.Name, out var found)
                ? found
                : throw new ArgumentException($"Graph '{Graph.Name}': input '{declared.Name}' is missing.", nameof(inputs));
            Match(declared, tensor, sizes);
        }

        var results = new Dictionary<string, DeviceTensor>(outputNames.Length, StringComparer.Ordinal);
        var outputTensors = new DeviceTensor[outputNames.Length];
        for (var i = 0; i < outputTensors.Length; i++)
        {
            var declared = Graph.Outputs[i];
            var tensor = bound?.GetValueOrDefault(declared.Name) ?? DeviceTensor.Rent(
                pool, purpose, declared.Type, declared.Shape.Evaluate(sizes));
            results.Add(declared.Name, tensor);
            outputTensors[i] = tensor;
        }

        lowered ??= pool.Device.Prepare(Graph);
        if (pool.IsDry)
        {
            temporaries.Value.Replay(pool, purpose, sizes);
            return results;
        }

        var (session, runOptions, device, inputNames) = loaded ??= Load(pool);
        if (device != pool.Device)
        {
            throw new ArgumentException(
                $"Graph '{Graph.Name}' was loaded on {device.Name}; the pool is of {pool.Device.Name}.", nameof(pool));
        }

        using var lending = pool.LendTo(purpose);
        Ask(pool, () => session.Run(
            runOptions, inputNames, Array.ConvertAll(inputNames, name => inputs[name].Value),
            outputNames, Array.ConvertAll(outputTensors, t => t.Value)));
        return results;
    }

    public void Dispose()
    {
        if (loaded is var (session, runOptions, _, _))
        {
            session.Dispose();
            runOptions.Dispose();
            loaded = null;
        }
    }

    (InferenceSession Session, RunOptions Options, Device Device, string[] InputNames) Load(MemoryPool pool)
    {
        var device = pool.Device;
        using var options = Options(lowered!.RequiresOneThread);
        device.Configure(options);
        var runOptions = new RunOptions();
        device.Configure(runOptions);
        // What a session of the host's holds as long as it lives is not the pool's; on other devices all memory is.
        using var lending = pool.LendForLoading();
        InferenceSession? session = null;
        Ask(pool, () =>
        {
            session = new InferenceSession(OnnxModelWriter.ToBytes(lowered), options);
            pool.RequireServed();
            device.EndLoad();
        });
        return (session!, runOptions, device, [.. lowered.Inputs.Select(v => v.Name)]);
    }

    // Asks ONNX Runtime for something on a pool's device. Without memory that it asked for itself, whatever went wrong follows from that.
    static void Ask(MemoryPool pool, Action what)
    {
        using var denormals = DenormalsAsZero.Enter();
        pool.Device.BeginRun();
        try
        {
            what();
        }
        catch (OnnxRuntimeException)
        {
            pool.RequireServed();
            throw;
        }
        finally
        {
            pool.Device.EndRun();
        }

        pool.RequireServed();
    }

    // Symbols get their sizes from the inputs; every later mention must agree.
    void Match(Value declared, DeviceTensor tensor, Dictionary<string, long> sizes)
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
