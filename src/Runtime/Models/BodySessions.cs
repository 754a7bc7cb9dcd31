using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Models;

/// <summary>
/// A model up to its head, forward only: <c>embed</c> and the layers one after the other. Each gets by name what it declares, of the
/// batch, the tables, and what <c>embed</c> made.
/// </summary>
sealed class BodySessions : IDisposable
{
    readonly ModelParameters _parameters;
    readonly Fragment _embed;
    readonly IReadOnlyList<Fragment> _layers;
    readonly FragmentSession _embedSession;
    readonly Dictionary<OnnxGraph, FragmentSession> _layerSessions;

    public BodySessions(ModelParameters parameters, Fragment embed, IReadOnlyList<Fragment> layers)
    {
        _parameters = parameters;
        _embed = embed;
        _layers = layers;
        _embedSession = new FragmentSession(embed.Graph);
        _layerSessions = layers.Select(l => l.Graph).Distinct().ToDictionary(g => g, g => new FragmentSession(g));
    }

    /// <summary>Hidden states <c>float32 [B, S, H]</c> of a batch.</summary>
    public NativeTensor Run(IReadOnlyDictionary<string, NativeTensor> batch, MemoryPool pool)
    {
        var inputs = new Dictionary<string, NativeTensor>(batch.Concat(_parameters.Tables), StringComparer.Ordinal);
        var shared = _embedSession.Run(_embed.ParameterNames, _parameters, inputs, pool);
        shared.Remove(FragmentPorts.Hidden, out var hidden);
        foreach (var (name, tensor) in shared)
        {
            inputs.Add(name, tensor);
        }

        foreach (var layer in _layers)
        {
            inputs[FragmentPorts.Hidden] = hidden!;
            var outputs = _layerSessions[layer.Graph].Run(layer.ParameterNames, _parameters, inputs, pool);
            hidden!.Dispose();
            hidden = outputs[FragmentPorts.HiddenOut];
        }

        shared.DisposeAll();
        return hidden!;
    }

    public void Dispose()
    {
        _embedSession.Dispose();
        foreach (var session in _layerSessions.Values)
        {
            session.Dispose();
        }
    }
}
