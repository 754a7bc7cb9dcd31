using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Models;

/// <summary>A packed batch as tensors, and its scored tokens as a list without padding.</summary>
public sealed class BatchTensors : IDisposable
{
    readonly MemoryPool pool;
    readonly int[] slots;
    readonly long[] index;
    readonly long[] ids;

    /// <exception cref="ArgumentException">A position is none of the model's.</exception>
    public BatchTensors(PackedBatch batch, int maxPositions, MemoryPool pool)
    {
        // The gather of positions would fail without a name.
        if (batch.PositionIds.Max() is var last && last >= maxPositions)
        {
            throw new ArgumentException(
                $"A sequence of the batch has {last + 1} tokens, and the model has {maxPositions} positions. Cut it, or drop it.",
                nameof(batch));
        }

        this.pool = pool;
        Batch = batch;
        Inputs = new Dictionary<string, DeviceTensor>(StringComparer.Ordinal)
        {
            [FragmentPorts.InputIds] = Rows(batch.InputIds),
            [FragmentPorts.PositionIds] = Rows(batch.PositionIds),
            [FragmentPorts.SegmentIds] = Rows(batch.SegmentIds),
            [FragmentPorts.AttentionMask] = Rows(Array.ConvertAll(batch.SegmentIds, segment => segment >= 0 ? 1L : 0L)),
        };
        slots = [.. Enumerable.Range(0, batch.CompletionMask.Length).Where(i => batch.CompletionMask[i] > 0)];
        index = [.. slots.Select(i => batch.CompletionIndex[i])];
        ids = [.. slots.Select(i => batch.CompletionIds[i])];
    }

    public PackedBatch Batch { get; }

    /// <summary>
    /// <c>int64 [B, S]</c> each: <c>input_ids</c>, <c>position_ids</c>, <c>segment_ids</c>, and <c>attention_mask</c> (1 = token).
    /// </summary>
    public IReadOnlyDictionary<string, DeviceTensor> Inputs { get; }

    /// <summary>The tokens that are scored.</summary>
    public long[] ScoredIds => ids;

    /// <summary>How many tokens are scored.</summary>
    public int Scored => slots.Length;

    /// <summary>
    /// The head's completion inputs for scored tokens <paramref name="start"/> … as one row without padding, so that the vocabulary
    /// projection runs on nothing else.
    /// </summary>
    public Dictionary<string, DeviceTensor> CompletionInputs(int start, int count)
    {
        return new Dictionary<string, DeviceTensor>(StringComparer.Ordinal)
        {
            [FragmentPorts.CompletionIndex] = DeviceTensor.From<long>(pool, DataType.Int64, index.AsSpan(start, count), 1, count),
            [FragmentPorts.CompletionIds] = DeviceTensor.From<long>(pool, DataType.Int64, ids.AsSpan(start, count), 1, count),
            [FragmentPorts.CompletionMask] = DeviceTensor.From<float>(
                pool, DataType.Float32, [.. Enumerable.Repeat(1f, count)], 1, count),
        };
    }

    /// <summary>Writes values of scored tokens to their places in <c>[R, T]</c>.</summary>
    public void Scatter<T>(ReadOnlySpan<T> values, int start, Span<T> tokens)
    {
        for (var i = 0; i < values.Length; i++)
        {
            tokens[slots[start + i]] = values[i];
        }
    }

    /// <summary>Reads values of scored tokens from their places in <c>[R, T]</c>.</summary>
    public void Gather(ReadOnlySpan<float> tokens, int start, Span<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = tokens[slots[start + i]];
        }
    }

    public void Dispose() => Inputs.DisposeAll();

    DeviceTensor Rows(long[] values) => DeviceTensor.From<long>(pool, DataType.Int64, values, Batch.Rows, Batch.Width);
}
