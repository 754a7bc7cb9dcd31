using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Attention;
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
    readonly ChunkedModel? chunked;
    readonly FragmentSessions sessions;

    public BodySessions(
        ModelParameters parameters, Fragment embed, IReadOnlyList<Fragment> layers, long scoreBytes = AttentionRows.DefaultScoreBytes)
    {
        this.parameters = parameters;
        this.embed = parameters.Embedding(embed);
        this.layers = layers;
        sessions = new FragmentSessions(parameters);
        chunked = ChunkedModel.Of(parameters.Model, this.embed, layers, scoreBytes, parameters.Compute);
    }

    /// <summary>Rows · width² up to which a batch's scores exist whole; null where those of all batches do.</summary>
    public long? MostWhole => chunked?.MostWhole;

    /// <summary>Hidden states <c>[B, S, H]</c> of a batch, in the type that graphs compute in.</summary>
    /// <param name="batch">Its inputs.</param>
    /// <param name="ids"><c>[B · S]</c>: its <c>input_ids</c>, on the host.</param>
    /// <param name="segments"><c>[B · S]</c>: its <c>segment_ids</c>, on the host.</param>
    /// <param name="pool">Where tensors get their memory.</param>
    public DeviceTensor Run(IReadOnlyDictionary<string, DeviceTensor> batch, long[] ids, long[] segments, MemoryPool pool)
    {
        using var rows = chunked?.Rows(batch[FragmentPorts.PositionIds], segments, pool);
        var cuts = rows is null ? null : chunked;
        var first = cuts?.Embed ?? embed;
        var inputs = new Dictionary<string, DeviceTensor>(batch.Concat(parameters.Tables), StringComparer.Ordinal);
        var shared = Embedded(first, ids, inputs, pool);
        shared.Remove(FragmentPorts.Hidden, out var hidden);
        foreach (var (name, tensor) in shared)
        {
            inputs.Add(name, tensor);
        }

        foreach (var (i, layer) in layers.Index())
        {
            // The next batch begins where this one did.
            using var entered = parameters.Enter(i, (i + 1) % layers.Count);
            inputs[FragmentPorts.Hidden] = hidden!;
            var outputs = cuts is null
                ? sessions.Run(layer, layer.ParameterNames, inputs, pool)
                : InChunks(layer, cuts.Layers[layer.Graph], inputs, rows!, pool);
            hidden!.Dispose();
            hidden = outputs[FragmentPorts.HiddenOut];
        }

        shared.DisposeAll();
        return hidden!;
    }

    public void Dispose()
    {
        chunked?.Dispose();
        sessions.Dispose();
    }

    Dictionary<string, DeviceTensor> Embedded(Fragment first, long[] ids, Dictionary<string, DeviceTensor> inputs, MemoryPool pool)
    {
        using var rows = parameters.EmbeddedRows(ids, inputs[FragmentPorts.InputIds].Shape, pool);
        return sessions.Run(
            first, first.ParameterNames,
            rows is null ? inputs : new(inputs, StringComparer.Ordinal) { [EmbeddingCut.Rows] = rows }, pool);
    }

    Dictionary<string, DeviceTensor> InChunks(
        Fragment layer, (AttentionCut Cut, ChunkedAttention Attention) chunks, Dictionary<string, DeviceTensor> inputs, AttentionRows rows,
        MemoryPool pool)
    {
        var (cut, attention) = chunks;
        DeviceTensor read;
        using (var projections = Projections.Of(sessions.Run(cut.Before, AttentionCut.NamesOf(cut.Before, layer), inputs, pool)))
        {
            read = attention.Forward(projections, rows, pool);
        }

        inputs[AttentionCut.Read] = read;
        var outputs = sessions.Run(cut.After, AttentionCut.NamesOf(cut.After, layer), inputs, pool);
        read.Dispose();
        return outputs;
    }
}
