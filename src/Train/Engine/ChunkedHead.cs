using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Train.Engine;

/// <summary>
/// A head that is whatever a foreign graph made it, run in chunks of scored tokens. What it can keep, the log-probabilities over the
/// vocabulary, is the largest tensor of all: it is kept while it is small, and otherwise computed twice.
/// </summary>
sealed class ChunkedHead : ITrainableHead
{
    const long MostKept = 256L << 20;
    const long KeptChunk = 64L << 20;

    readonly TrainableFragment recomputing;
    readonly TrainableFragment? keeping;
    readonly IReadOnlyDictionary<string, string> names;
    readonly int vocabulary;
    readonly MemoryPool pool;
    readonly ModelParameters parameters;
    readonly List<Dictionary<string, DeviceTensor>> tape = [];

    /// <param name="sessions">Makes the head's sessions, which keep or recompute.</param>
    /// <param name="names">From graph input to parameter.</param>
    /// <param name="vocabulary">Size of the vocabulary.</param>
    /// <param name="keep">Whether anything may be kept.</param>
    /// <param name="parameters">The model's parameters, which outlive this.</param>
    /// <param name="pool">Where tensors get their memory.</param>
    public ChunkedHead(
        Func<bool, TrainableFragment> sessions, IReadOnlyDictionary<string, string> names, int vocabulary, bool keep,
        ModelParameters parameters, MemoryPool pool)
    {
        this.parameters = parameters;
        recomputing = sessions(false);
        keeping = keep ? sessions(true) : null;
        this.names = names;
        this.vocabulary = vocabulary;
        this.pool = pool;
    }

    public float[] Forward(BatchTensors batch, DeviceTensor hidden)
    {
        var (head, chunks) = For(batch);
        var logps = new float[batch.Batch.CompletionMask.Length];
        foreach (var (start, count) in chunks)
        {
            var completions = batch.CompletionInputs(start, count);
            var outputs = head.Forward(names, new(completions, StringComparer.Ordinal) { [FragmentPorts.Hidden] = hidden });
            batch.Scatter(outputs[FragmentPorts.TokenLogps].ToArray<float>(), start, logps);
            var saved = head.SavedOf(outputs);
            outputs.Where(o => !saved.ContainsKey(o.Key)).ToDictionary().DisposeAll();
            completions.DisposeAll();
            tape.Add(saved);
        }

        return logps;
    }

    public DeviceTensor Backward(BatchTensors batch, DeviceTensor hidden, float[] gradTokenLogps)
    {
        var (head, chunks) = For(batch);
        var gradHidden = DeviceTensor.Rent(pool, MemoryPurpose.Activations, DataType.Float32, hidden.Shape);
        gradHidden.Clear();
        foreach (var ((start, count), saved) in chunks.Zip(tape))
        {
            var inputs = batch.CompletionInputs(start, count);
            var incoming = new float[count];
            batch.Gather(gradTokenLogps, start, incoming);
            inputs[FragmentGradient.Gradient(FragmentPorts.TokenLogps)] = DeviceTensor.From<float>(
                pool, DataType.Float32, incoming, 1, count);
            var outputs = head.Backward(names, new(inputs.Concat(saved), StringComparer.Ordinal) { [FragmentPorts.Hidden] = hidden });
            parameters.RowAdder.Add(
                gradHidden,
                outputs[FragmentGradient.RowIndices(FragmentPorts.Hidden)],
                outputs[FragmentGradient.Rows(FragmentPorts.Hidden)],
                pool);
            inputs.DisposeAll();
            saved.DisposeAll();
            outputs.DisposeAll();
        }

        tape.Clear();
        return parameters.Casts.ToCompute(gradHidden, MemoryPurpose.Activations, pool);
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
