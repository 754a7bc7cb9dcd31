using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Heads;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Runtime.Generation;

/// <summary>
/// Next-token logits of a Hugging Face folder, from the same layers that train; with a cache of keys and values, where their attention can
/// have one. For one thread at a time.
/// </summary>
public sealed class FragmentLogits : IDisposable
{
    readonly ModelParameters parameters;
    readonly MemoryPool pool;
    readonly Fragment head;
    // One of the two.
    readonly CachedBody? cached;
    readonly BodySessions? body;
    readonly FragmentSession session;
    readonly VocabularyHead? vocabulary;

    /// <summary>Reads parameters that outlive this, as does the pool.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="pool">Where tensors get their memory.</param>
    /// <param name="keeps">Whether keys and values are kept; a model of another tool keeps none in any case.</param>
    public FragmentLogits(ModelParameters parameters, MemoryPool pool, bool keeps = true)
    {
        this.parameters = parameters;
        this.pool = pool;
        var model = parameters.Model;
        var cut = VocabularyCut.Of(model.Head());
        head = cut?.Rows ?? model.Logits();
        cached = keeps ? CachedBody.Of(parameters, pool) : null;
        body = cached is null ? new BodySessions(parameters, model.EmbedStacked(), model.Layers()) : null;
        session = new FragmentSession(parameters.Precision(head.ParameterNames).Of(head.Graph), MemoryPurpose.Head);
        vocabulary = cut is null ? null : new VocabularyHead(parameters, cut, trains: false);
    }

    /// <summary>Whether keys and values are kept: then a token costs as much as one token.</summary>
    public bool HasCache => cached is not null;

    /// <summary>Tokens that ran so far, where keys and values are kept.</summary>
    internal long TokensRun => cached?.TokensRun ?? 0;

    /// <summary>
    /// What the logits after the last tokens of sequences would take, one after the other: the same sessions go through the longest without
    /// memory and without numbers.
    /// </summary>
    /// <param name="model">A model that is open.</param>
    /// <param name="maxLength">The longest sequence, in tokens.</param>
    /// <param name="device">Where it would run; null: the processor.</param>
    /// <param name="offload">What of the model would stay in the host's memory.</param>
    /// <param name="last">After how many tokens that run at once (<see cref="Last"/>); null: after one, with a cache.</param>
    public static MemoryUse Plan(
        ModelFolder model, int maxLength, Device? device = null, Offload offload = Offload.None, int? last = null)
    {
        using var pool = MemoryPool.Dry(device);
        using var parameters = ModelParameters.Of(model, pool, offload: offload);
        using var logits = new FragmentLogits(parameters, pool, keeps: last is null);
        if (last is { } count)
        {
            // The longest whose scores exist whole may take more than one that is longer.
            var whole = logits.body!.MostWhole is { } most ? (int)Math.Min(maxLength, Math.Sqrt(most)) : maxLength;
            foreach (var length in new[] { whole, maxLength }.Distinct())
            {
                logits.Last(new long[length], Math.Min(count, length));
            }

            return pool.Use;
        }

        logits.Reserve(maxLength);
        // Of a cache, the first part is the largest that ever runs, and the last sees the most keys. A foreign model runs whole.
        logits.Next(new long[maxLength]);
        return pool.Use;
    }

    /// <summary>Makes room for texts of so many tokens, where keys and values are kept; else there is nothing to do.</summary>
    public void Reserve(int length) => cached?.Reserve(length);

    /// <summary>The next text runs whole, whatever it begins with: its numbers are then the same to the last bit each time.</summary>
    public void Forget() => cached?.Forget();

    /// <summary>
    /// The logits after the last of <paramref name="ids"/>: <c>float32 [V]</c>. What they begin with as those of the call before is not run
    /// again, where keys and values are kept.
    /// </summary>
    public float[] Next(long[] ids)
    {
        using var hidden = cached?.Run(ids, pool) ?? Whole(ids);
        using var last = hidden.Flat(hidden.Shape[1] - 1, 1, 1, parameters.Model.Sizes.HiddenSize);
        var logits = Head(last, 1);
        pool.EndStep();
        return logits;
    }

    /// <summary>
    /// The logits after each of <paramref name="ids"/> from that of index <paramref name="first"/> on: each <c>float32 [V]</c>. All tokens
    /// run at once, where none are kept.
    /// </summary>
    /// <exception cref="InvalidOperationException">Keys and values are kept.</exception>
    public IEnumerable<float[]> After(long[] ids, int first) =>
        Last(ids, ids.Length - first).Chunk(parameters.Model.Sizes.VocabSize);

    /// <summary>
    /// The logits after each of the last <paramref name="count"/> of <paramref name="ids"/>: <c>float32 [count, V]</c>, row-major,
    /// unnormalized. All tokens run at once, where none are kept.
    /// </summary>
    /// <exception cref="InvalidOperationException">Keys and values are kept.</exception>
    public float[] Last(long[] ids, int count)
    {
        if (HasCache)
        {
            throw new InvalidOperationException("With a cache the logits of the last token alone are made; make one that keeps nothing.");
        }

        using var hidden = Whole(ids);
        var vocabularySize = parameters.Model.Sizes.VocabSize;
        var logits = new float[count * vocabularySize];
        foreach (var (start, rows) in CompletionChunks.Of(count, vocabularySize))
        {
            using var some = hidden.Flat(ids.Length - count + start, rows, 1, parameters.Model.Sizes.HiddenSize);
            Head(some, rows).CopyTo(logits.AsSpan(start * vocabularySize));
        }

        pool.EndStep();
        return logits;
    }

    public void Dispose()
    {
        cached?.Dispose();
        body?.Dispose();
        session.Dispose();
        vocabulary?.Dispose();
    }

    // Hidden states of all tokens.
    DeviceTensor Whole(long[] ids)
    {
        var inputs = new Dictionary<string, DeviceTensor>(StringComparer.Ordinal)
        {
            [FragmentPorts.InputIds] = Row(ids),
            [FragmentPorts.AttentionMask] = Row([.. Enumerable.Repeat(1L, ids.Length)]),
            [FragmentPorts.PositionIds] = Row([.. Enumerable.Range(0, ids.Length).Select(i => (long)i)]),
        };
        var hidden = body!.Run(inputs, ids, new long[ids.Length], pool);
        inputs.DisposeAll();
        return hidden;
    }

    // Of hidden states [rows, 1, H].
    float[] Head(DeviceTensor hidden, int rows)
    {
        var feeds = new Dictionary<string, DeviceTensor>(StringComparer.Ordinal) { [FragmentPorts.Hidden] = hidden };
        using var places = DeviceTensor.From<long>(
            pool, DataType.Int64, [.. Enumerable.Range(0, rows).Select(i => (long)i)], rows, 1);
        if (vocabulary is not null)
        {
            feeds.Add(FragmentPorts.CompletionIndex, places);
        }

        var outputs = session.Run(head.ParameterNames, parameters, feeds, pool);
        var logits = vocabulary is null
            ? outputs[FragmentPorts.Logits].ToArray<float>()
            : vocabulary.Logits(outputs[VocabularyCut.RowsOutput], pool);
        outputs.DisposeAll();
        return logits;
    }

    DeviceTensor Row(long[] values) => DeviceTensor.From<long>(pool, DataType.Int64, values, 1, values.Length);
}
