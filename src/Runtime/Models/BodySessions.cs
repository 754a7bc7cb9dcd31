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
    readonly ModelParameters parameters;
    readonly Fragment embed;
    readonly IReadOnlyList<Fragment> layers;
    readonly FragmentSession embedSession;
    readonly Dictionary<OnnxGraph, FragmentSession> layerSessions;

    public BodySessions(ModelParameters parameters, Fragment embed, IReadOnlyList<Fragment> layers)
    {
        this.parameters = parameters;
        this.embed = embed;
        this.layers = layers;
        embedSession = new FragmentSession(embed.Graph);
        layerSessions = layers.Select(l => l.Graph).Distinct().ToDictionary(g => g, g => new FragmentSession(g));
    }

    /// <summary>Hidden states <c>float32 [B, S, H]</c> of a batch.</summary>
    public NativeTensor Run(IReadOnlyDictionary<string, NativeTensor> batch, MemoryPool pool)
    {
        var inputs = new Dictionary<string, NativeTensor>(batch.Concat(parameters.Tables), StringComparer.Ordinal);
        var shared = embedSession.Run(embed.ParameterNames, parameters, inputs, pool);
        shared.Remove(FragmentPorts.Hidden, out var hidden);
        foreach (var (name, tensor) in shared)
        {
            inputs.Add(name, tensor);
        }

        foreach (var layer in layers)
        {
            inputs[FragmentPorts.Hidden] = hidden!;
            var outputs = layerSessions[layer.Graph].Run(layer.ParameterNames, parameters, inputs, pool);
            hidden!.Dispose();
            hidden = outputs[FragmentPorts.HiddenOut];
        }

        shared.DisposeAll();
        return hidden!;
    }

    public void Dispose()
    {
        embedSession.Dispose();
        foreach (var session in layerSessions.Values)
        {
            session.Dispose();
        }
    }
}
