using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Train.Engine;

/// <summary>
/// The head's sessions, run in chunks of scored tokens. What it can keep, the log-probabilities over the vocabulary, is the largest tensor
/// of all: it is kept while it is small, and otherwise computed twice.
/// </summary>
sealed class TrainableHead : IDisposable
{
    const long MostKept = 256L << 20;
    const long KeptChunk = 64L << 20;

    readonly TrainableFragment recomputing;
    readonly TrainableFragment? keeping;
    readonly IReadOnlyDictionary<string, string> names;
    readonly int vocabulary;
    readonly MemoryPool pool;

    /// <param name="sessions">Makes the head's sessions, which keep or recompute.</param>
    /// <param name="names">From graph input to parameter.</param>
    /// <param name="vocabulary">Size of the vocabulary.</param>
    /// <param name="keep">Whether anything may be kept.</param>
    /// <param name="pool">Where tensors get their memory.</param>
    public TrainableHead(
        Func<bool, TrainableFragment> sessions, IReadOnlyDictionary<string, string> names, int vocabulary, bool keep, MemoryPool pool)
    {
        recomputing = sessions(false);
        keeping = keep ? sessions(true) : null;
        this.names = names;
        this.vocabulary = vocabulary;
        this.pool = pool;
    }

    /// <summary><c>[R, T]</c> log-probabilities of the completion tokens, and what each chunk saved for the backward.</summary>
    public (float[] TokenLogps, List<Dictionary<string, NativeTensor>> Tape) Forward(BatchTensors batch, NativeTensor hidden)
    {
        var (head, chunks) = For(batch);
        var logps = new float[batch.Batch.CompletionMask.Length];
        var tape = new List<Dictionary<string, NativeTensor>>();
        foreach (var (start, count) in chunks)
        {
            var completions = batch.CompletionInputs(start, count);
            var outputs = head.Forward(names, new(completions, StringComparer.Ordinal) { [FragmentPorts.Hidden] = hidden });
            batch.Scatter(outputs[FragmentPorts.TokenLogps].Span<float>(), start, logps);
            var saved = head.SavedOf(outputs);
            outputs.Where(o => !saved.ContainsKey(o.Key)).ToDictionary().DisposeAll();
            completions.DisposeAll();
            tape.Add(saved);
        }

        return (logps, tape);
    }

    /// <summary>
    /// The gradient of the hidden states, zero but for the positions that predict completion tokens. Gives the tape back.
    /// </summary>
    public NativeTensor Backward(
        BatchTensors batch, NativeTensor hidden, List<Dictionary<string, NativeTensor>> tape, float[] gradTokenLogps)
    {
        var (head, chunks) = For(batch);
        var gradHidden = NativeTensor.Rent(pool, hidden.Type, hidden.Shape);
        gradHidden.Clear();
        foreach (var ((start, count), saved) in chunks.Zip(tape))
        {
            var inputs = batch.CompletionInputs(start, count);
            var incoming = NativeTensor.Rent(pool, DataType.Float32, 1, count);
            batch.Gather(gradTokenLogps, start, incoming.Span<float>());
            inputs[FragmentGradient.Gradient(FragmentPorts.TokenLogps)] = incoming;
            var outputs = head.Backward(names, new(inputs.Concat(saved), StringComparer.Ordinal) { [FragmentPorts.Hidden] = hidden });
            RowScatter.Add(
                gradHidden,
                outputs[FragmentGradient.RowIndices(FragmentPorts.Hidden)],
                outputs[FragmentGradient.Rows(FragmentPorts.Hidden)]);
            inputs.DisposeAll();
            saved.DisposeAll();
            outputs.DisposeAll();
        }

        return gradHidden;
    }

    public void Dispose()
    {
        recomputing.Dispose();
        keeping?.Dispose();
    }

    (TrainableFragment Head, IEnumerable<(int Start, int Count)> Chunks) For(BatchTensors batch) =>
        keeping is not null && batch.Scored * (long)vocabulary * sizeof(float) <= MostKept
            ? (keeping, CompletionChunks.Of(batch.Scored, vocabulary, KeptChunk))
            : (recomputing, CompletionChunks.Of(batch.Scored, vocabulary));
}
