using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Models;

/// <summary>The sessions of a model's fragments, one for each graph, made when it first runs.</summary>
sealed class FragmentSessions(ModelParameters parameters) : IDisposable
{
    readonly Dictionary<OnnxGraph, FragmentSession> sessions = [];

    /// <summary>Runs a fragment.</summary>
    /// <param name="fragment">The fragment, one of those that share its graph.</param>
    /// <param name="names">From graph input to parameter.</param>
    /// <param name="inputs">Everything else by name.</param>
    /// <param name="pool">Where tensors get their memory.</param>
    /// <param name="bound">Outputs to write into given tensors.</param>
    public Dictionary<string, DeviceTensor> Run(
        Fragment fragment, IReadOnlyDictionary<string, string> names, Dictionary<string, DeviceTensor> inputs, MemoryPool pool,
        IReadOnlyDictionary<string, DeviceTensor>? bound = null)
    {
        if (!sessions.TryGetValue(fragment.Graph, out var session))
        {
            sessions.Add(fragment.Graph, session = new FragmentSession(parameters.Precision(fragment.ParameterNames).Of(fragment.Graph)));
        }

        return session.Run(names, parameters, inputs, pool, bound);
    }

    public void Dispose()
    {
        foreach (var session in sessions.Values)
        {
            session.Dispose();
        }
    }
}
