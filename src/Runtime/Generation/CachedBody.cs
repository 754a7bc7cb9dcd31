using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Attention;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Runtime.Generation;

/// <summary>
/// A model up to its head, one text after the other, which keeps the keys and values of its tokens: of a text that goes on, only the new
/// tokens run. Many run in parts, so that scores grow with the length and not with its square.
/// </summary>
sealed class CachedBody : IDisposable
{
    // Fewer queries run their products slowly.
    const int LeastTokens = 16;

    readonly ModelParameters parameters;
    readonly Fragment embed;
    readonly IReadOnlyList<Fragment> layers;
    readonly Dictionary<OnnxGraph, CachedLayer> cached;
    readonly FragmentSessions sessions;
    readonly KeyValueCache cache;
    readonly long mostScores;
    // The tokens whose keys and values are in the cache.
    long[] known = [];

    CachedBody(
        ModelParameters parameters, IReadOnlyList<Fragment> layers, Dictionary<OnnxGraph, CachedLayer> cached, MemoryPool pool,
        long scoreBytes)
    {
        this.parameters = parameters;
        this.layers = layers;
        this.cached = cached;
        embed = parameters.Embedding(parameters.Model.EmbedStacked()).Without(cached.Values.Select(c => c.Mask).ToHashSet());
        sessions = new FragmentSessions(parameters);
        cache = new KeyValueCache([.. layers.Select(layer => (cached[layer.Graph].Groups, cached[layer.Graph].Size))], pool);
        mostScores = scoreBytes / (cached.Values.Max(c => c.Heads) * sizeof(float));
    }

    /// <summary>Tokens that ran so far.</summary>
    public long TokensRun { get; private set; }

    /// <summary>That of a model; null where a layer is not of that form, as of a foreign model.</summary>
    /// <param name="parameters">The model's parameters, which outlive this.</param>
    /// <param name="pool">Where the cache lies.</param>
    /// <param name="scoreBytes">What scores take at most.</param>
    public static CachedBody? Of(ModelParameters parameters, MemoryPool pool, long scoreBytes = AttentionRows.DefaultScoreBytes)
    {
        var layers = parameters.Model.Layers();
        var cached = new Dictionary<OnnxGraph, CachedLayer>();
        foreach (var layer in layers.DistinctBy(layer => layer.Graph))
        {
            if (CachedLayer.Of(layer) is not { } found)
            {
                return null;
            }

            cached.Add(layer.Graph, found);
        }

        return cached.Count == 0 ? null : new CachedBody(parameters, layers, cached, pool, scoreBytes);
    }

    /// <summary>Makes room for texts of so many tokens.</summary>
    public void Reserve(int length) => cache.Reserve(length);

    /// <summary>The next text runs whole, whatever it begins with: its numbers are then the same to the last bit each time.</summary>
    public void Forget() => known = [];

    /// <summary>Hidden states <c>[1, S, H]</c> of a text's last tokens, of which the last is the text's.</summary>
    /// <param name="ids">The text; what it begins with as the one before is not run again, but for its last token.</param>
    /// <param name="pool">Where tensors get their memory.</param>
    public DeviceTensor Run(long[] ids, MemoryPool pool)
    {
        var past = Math.Min(ids.AsSpan().CommonPrefixLength(known), ids.Length - 1);
        // What throws on the way leaves some layers ahead of others.
        known = [];
        cache.Truncate(past);
        cache.Reserve(ids.Length);
        DeviceTensor? hidden = null;
        while (past < ids.Length)
        {
            hidden?.Dispose();
            var count = Math.Min(ids.Length - past, MostTokens(past));
            hidden = Run(ids, past, count, pool);
            past += count;
        }

        known = ids;
        return hidden!;
    }

    public void Dispose()
    {
        cache.Dispose();
        sessions.Dispose();
    }

    // The most S with S · (past + S) scores of a head within bounds.
    int MostTokens(long past) =>
        (int)Math.Clamp((Math.Sqrt((past * past) + (4.0 * mostScores)) - past) / 2, LeastTokens, int.MaxValue);

    DeviceTensor Run(long[] ids, int past, int count, MemoryPool pool)
    {
        var tokens = ids[past..(past + count)];
        using var inputIds = DeviceTensor.From<long>(pool, DataType.Int64, tokens, 1, count);
        using var positions = DeviceTensor.From<long>(
            pool, DataType.Int64, [.. Enumerable.Range(past, count).Select(i => (long)i)], 1, count);
        var inputs = new Dictionary<string, DeviceTensor>(parameters.Tables, StringComparer.Ordinal)
        {
            [FragmentPorts.InputIds] = inputIds, [FragmentPorts.PositionIds] = positions,
        };
        var made = Embedded(tokens, inputs, pool);
        made.Remove(FragmentPorts.Hidden, out var hidden);
        foreach (var mask in cached.Values.Select(c => c.Mask).Distinct())
        {
            made.Add(mask, DeviceTensor.From<float>(
                pool, DataType.Float32, CachedMask.Of(past, count, parameters.Model.WindowOf(mask)), 1, 1, count, past + count));
        }

        foreach (var (name, tensor) in made)
        {
            inputs.Add(name, tensor);
        }

        foreach (var (i, layer) in layers.Index())
        {
            // The next text begins where this one did.
            using var entered = parameters.Enter(i, (i + 1) % layers.Count);
            inputs[FragmentPorts.Hidden] = hidden!;
            var next = Layer(i, layer, count, inputs, pool);
            hidden!.Dispose();
            hidden = next;
        }

        made.DisposeAll();
        cache.Add(count);
        TokensRun += count;
        return hidden!;
    }

    Dictionary<string, DeviceTensor> Embedded(long[] tokens, Dictionary<string, DeviceTensor> inputs, MemoryPool pool)
    {
        using var rows = parameters.EmbeddedRows(tokens, inputs[FragmentPorts.InputIds].Shape, pool);
        return sessions.Run(
            embed, embed.ParameterNames,
            rows is null ? inputs : new(inputs, StringComparer.Ordinal) { [EmbeddingCut.Rows] = rows }, pool);
    }

    DeviceTensor Layer(int i, Fragment layer, int count, Dictionary<string, DeviceTensor> inputs, MemoryPool pool)
    {
        var (past, all) = (cache.Past(i), cache.Next(i, count));
        (inputs[CachedLayer.PastKeys], inputs[CachedLayer.PastValues]) = past;
        var outputs = sessions.Run(
            cached[layer.Graph].Layer, layer.ParameterNames, inputs, pool,
            new Dictionary<string, DeviceTensor>(StringComparer.Ordinal)
            {
                [CachedLayer.Keys] = all.Keys, [CachedLayer.Values] = all.Values,
            });
        cache.Take(i);
        foreach (var view in (DeviceTensor[])[past.Keys, past.Values, all.Keys, all.Values])
        {
            view.Dispose();
        }

        return outputs[FragmentPorts.HiddenOut];
    }
}
