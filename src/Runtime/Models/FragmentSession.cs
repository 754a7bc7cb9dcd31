using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Models;

/// <summary>A loaded graph of a fragment. One session serves every layer: it is rebound to that layer's weights.</summary>
public sealed class FragmentSession(OnnxGraph graph) : IDisposable
{
    readonly GraphSession session = new(graph);

    /// <summary>
    /// Runs with the parameters that <paramref name="parameterNames"/> assigns, and <paramref name="tensors"/> for everything else.
    /// </summary>
    public Dictionary<string, NativeTensor> Run(
        IReadOnlyDictionary<string, string> parameterNames, ModelParameters parameters, Dictionary<string, NativeTensor> tensors,
        MemoryPool pool, IReadOnlyDictionary<string, NativeTensor>? bound = null)
    {
        var inputs = new Dictionary<string, NativeTensor>(tensors, StringComparer.Ordinal);
        foreach (var (input, parameter) in parameterNames)
        {
            inputs[input] = parameters[parameter];
        }

        return session.Run(inputs, pool, bound);
    }

    public void Dispose() => session.Dispose();
}
