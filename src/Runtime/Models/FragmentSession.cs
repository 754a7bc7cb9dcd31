using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Models;

/// <summary>
/// A fragment's graph, ready to run. One session serves every layer: it is rebound to that layer's weights; a session for each combination
/// of the types that they are held in.
/// </summary>
public sealed class FragmentSession(OnnxGraph graph, MemoryPurpose purpose = MemoryPurpose.Activations) : IDisposable
{
    readonly Dictionary<string, GraphSession> sessions = new(StringComparer.Ordinal);
    readonly Dictionary<string, DataType> reads =
        graph.Inputs.ToDictionary(input => input.Name, input => input.Type, StringComparer.Ordinal);

    /// <summary>
    /// Runs with the parameters that <paramref name="parameterNames"/> assigns, and <paramref name="tensors"/> for everything else.
    /// </summary>
    public Dictionary<string, DeviceTensor> Run(
        IReadOnlyDictionary<string, string> parameterNames, ModelParameters parameters, Dictionary<string, DeviceTensor> tensors,
        MemoryPool pool, IReadOnlyDictionary<string, DeviceTensor>? bound = null)
    {
        var inputs = new Dictionary<string, DeviceTensor>(tensors, StringComparer.Ordinal);
        var read = parameterNames.Where(p => reads.ContainsKey(p.Key)).ToList();
        var copies = parameters.Dequantised(read.Select(p => p.Value).Where(parameters.IsQuantized), pool);
        foreach (var (input, parameter) in read)
        {
            inputs[input] = copies.TryGetValue(parameter, out var copy) ? copy : parameters[parameter];
        }

        var outputs = Session(read, parameters).Run(inputs, pool, bound);
        copies.DisposeAll();
        return outputs;
    }

    public void Dispose()
    {
        foreach (var session in sessions.Values)
        {
            session.Dispose();
        }
    }

    GraphSession Session(List<KeyValuePair<string, string>> read, ModelParameters parameters)
    {
        var stored = read.Where(p => !parameters.IsQuantized(p.Value) && parameters[p.Value].Type != reads[p.Key])
            .ToDictionary(p => p.Key, p => parameters[p.Value].Type, StringComparer.Ordinal);
        var key = string.Join(' ', stored.Select(s => $"{s.Key}:{s.Value}"));
        if (!sessions.TryGetValue(key, out var session))
        {
            sessions.Add(key, session = new GraphSession(stored.Count == 0 ? graph : StoredReads.Of(graph, stored), purpose));
        }

        return session;
    }
}
