using System.Numerics.Tensors;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Heads;

/// <summary>
/// Log-probabilities of tokens over the vocabulary, and their gradients, part by part (<see cref="VocabularyParts"/>): nothing as wide as
/// the vocabulary exists, and of weights that are stored in 16 bits one part is widened at a time.
/// </summary>
public sealed class VocabularyHead : IDisposable
{
    readonly ModelParameters parameters;
    readonly string weight;
    readonly VocabularyParts parts;
    readonly Lazy<GraphSession> logits;
    readonly Dictionary<VocabularyKeep, Lazy<GraphSession>> forwards;
    readonly Lazy<GraphSession> complete;
    readonly Lazy<GraphSession> targets;
    readonly Lazy<GraphSession> backward;
    readonly Lazy<GraphSession> keptBackward;
    readonly Lazy<GraphSession> finish;

    /// <param name="parameters">The model's parameters, which outlive this.</param>
    /// <param name="cut">The head's product with the vocabulary.</param>
    /// <param name="trains">Whether its matrix gets a gradient.</param>
    /// <param name="parts">How it is divided; null: by its sizes.</param>
    public VocabularyHead(ModelParameters parameters, VocabularyCut cut, bool trains, VocabularyParts? parts = null)
    {
        this.parameters = parameters;
        weight = cut.Vocabulary;
        var (stored, shape) = (parameters[weight].Type, parameters[weight].Shape);
        var (vocabulary, hidden) = ((int)shape[0], (int)shape[1]);
        this.parts = parts ?? VocabularyParts.Of(vocabulary, hidden);
        var graphs = new VocabularyGraphs(hidden, stored, cut.SoftCap);
        logits = Session(() => graphs.LogitsOf());
        forwards = Enum.GetValues<VocabularyKeep>().ToDictionary(keep => keep, keep => Session(() => graphs.Forward(keep)));
        complete = Session(() => graphs.Complete(vocabulary));
        targets = Session(() => graphs.Targets(vocabulary));
        backward = Session(() => graphs.Backward(kept: false, trains));
        keptBackward = Session(() => graphs.Backward(kept: true, trains));
        finish = Session(() => graphs.Finish());
    }

    /// <summary>Unnormalized logits <c>float32 [M, V]</c> of rows <c>[M, H]</c>.</summary>
    public float[] Logits(DeviceTensor rows, MemoryPool pool)
    {
        var (all, vocabulary) = ((int)rows.Shape[0], parts.Vocabulary);
        var result = new float[all * vocabulary];
        foreach (var (first, count) in parts.Parts())
        {
            using var lines = parameters.Lines(weight, first, count);
            var outputs = logits.Value.Run(Feeds((VocabularyGraphs.Rows, rows), (VocabularyGraphs.Weight, lines)), pool);
            var part = outputs[VocabularyGraphs.Logits].ToArray<float>();
            for (var row = 0; row < all; row++)
            {
                part.AsSpan(row * count, count).CopyTo(result.AsSpan((row * vocabulary) + first));
            }

            outputs.DisposeAll();
        }

        return result;
    }

    /// <summary>The log-probabilities of <paramref name="ids"/>, <c>[M]</c> each, and what the backward needs.</summary>
    /// <param name="rows"><c>float32 [M, H]</c>.</param>
    /// <param name="ids">A token for each row.</param>
    /// <param name="keep">What is made for the backward.</param>
    /// <param name="pool">Where tensors get their memory.</param>
    public (float[] Logps, VocabularyTape Tape) Forward(DeviceTensor rows, long[] ids, VocabularyKeep keep, MemoryPool pool)
    {
        var (sums, tape) = Run(rows, ids, keep, pool);
        return (Logps(sums, ids.Length), tape);
    }

    /// <summary>
    /// The log-probabilities of <paramref name="ids"/>, <c>[M]</c> each, and whether no token of the row was likelier: the largest logit
    /// is met on the way to the sum, so that this takes no further product.
    /// </summary>
    /// <param name="rows"><c>float32 [M, H]</c>.</param>
    /// <param name="ids">A token for each row.</param>
    /// <param name="pool">Where tensors get their memory.</param>
    public (float[] Logps, bool[] AreLikeliest) Score(DeviceTensor rows, long[] ids, MemoryPool pool)
    {
        var (sums, tape) = Run(rows, ids, VocabularyKeep.Largest, pool);
        tape.Dispose();
        var (target, largest) = (sums.AsMemory(ids.Length, ids.Length), sums.AsMemory(2 * ids.Length));
        return (Logps(sums, ids.Length), [.. Enumerable.Range(0, ids.Length).Select(i => target.Span[i] >= largest.Span[i])]);
    }

    // The sums of the tape, and the tape.
    (float[] Sums, VocabularyTape Tape) Run(DeviceTensor rows, long[] ids, VocabularyKeep keep, MemoryPool pool)
    {
        float[] begun = [.. Enumerable.Repeat(-1e30f, ids.Length), .. Enumerable.Repeat(0f, ids.Length)];
        if (keep == VocabularyKeep.Largest)
        {
            begun = [.. begun, .. Enumerable.Repeat(float.NegativeInfinity, ids.Length)];
        }

        var tape = new VocabularyTape(
            DeviceTensor.From<long>(pool, DataType.Int64, ids, ids.Length),
            DeviceTensor.From<float>(pool, DataType.Float32, begun, keep == VocabularyKeep.Largest ? 3 : 2, ids.Length))
        {
            RowsGradient = keep == VocabularyKeep.RowsGradient ? DeviceTensor.Zeros(pool, DataType.Float32, [.. rows.Shape]) : null,
        };
        var found = tape.Target;
        foreach (var (first, count) in parts.Parts())
        {
            using var lines = parameters.Lines(weight, first, count);
            using var start = DeviceTensor.From<long>(pool, DataType.Int64, [first]);
            using var end = DeviceTensor.From<long>(pool, DataType.Int64, [first + count]);
            foreach (var (row, size) in parts.Chunks(ids.Length))
            {
                using var chunk = rows.Rows(row, size);
                using var tokens = tape.Ids.Rows(row, size);
                using var sum = tape.LogSum.Rows(row, size);
                using var target = found.Rows(row, size);
                using var pulled = tape.RowsGradient?.Rows(row, size);
                using var largest = tape.Largest?.Rows(row, size);
                var inputs = Feeds(
                    (VocabularyGraphs.Rows, chunk), (VocabularyGraphs.Weight, lines), (VocabularyGraphs.Ids, tokens),
                    (VocabularyGraphs.First, start), (VocabularyGraphs.End, end),
                    (VocabularyGraphs.LogSum, sum), (VocabularyGraphs.Target, target));
                Dictionary<string, DeviceTensor>? bound = null;
                if (pulled is not null)
                {
                    inputs.Add(VocabularyGraphs.Pull, pulled);
                    // One tensor as input and output: the product reads what was made of it.
                    bound = Feeds((VocabularyGraphs.Pull + VocabularyGraphs.Out, pulled));
                }

                if (largest is not null)
                {
                    inputs.Add(VocabularyGraphs.Largest, largest);
                }

                var outputs = forwards[keep].Value.Run(inputs, pool, bound);
                outputs[VocabularyGraphs.LogSum + VocabularyGraphs.Out].CopyTo(sum);
                outputs[VocabularyGraphs.Target + VocabularyGraphs.Out].CopyTo(target);
                if (largest is not null)
                {
                    outputs[VocabularyGraphs.Largest + VocabularyGraphs.Out].CopyTo(largest);
                }

                if (outputs.Remove(VocabularyGraphs.Logits, out var kept))
                {
                    tape.Kept.Enqueue(kept);
                }

                outputs.DisposeAll();
            }
        }

        if (tape.RowsGradient is { } gradient)
        {
            complete.Value.Run(
                Feeds(
                    (VocabularyGraphs.Pull, gradient), (VocabularyGraphs.Weight, parameters[weight]), (VocabularyGraphs.Ids, tape.Ids),
                    (VocabularyGraphs.Target, found)),
                pool,
                Feeds((VocabularyGraphs.Pull + VocabularyGraphs.Out, gradient)));
        }

        // All at once: each copy to the host waits for the device.
        return (tape.Sums.ToArray<float>(), tape);
    }

    static float[] Logps(float[] sums, int rows)
    {
        var logps = new float[rows];
        TensorPrimitives.Subtract(sums.AsSpan(rows, rows), sums.AsSpan(0, rows), logps);
        return logps;
    }

    /// <summary>
    /// The gradient of the rows, <c>[M, H]</c>; the matrix's is added to <paramref name="gradient"/>. Gives the tape back.
    /// </summary>
    /// <param name="rows">As they went into <see cref="Forward"/>.</param>
    /// <param name="tape">What <see cref="Forward"/> left.</param>
    /// <param name="slopes">The loss's derivatives by the log-probabilities, <c>[M]</c>.</param>
    /// <param name="gradient"><c>float32 [V, H]</c>; null where the matrix does not train.</param>
    /// <param name="pool">Where tensors get their memory.</param>
    public DeviceTensor Backward(
        DeviceTensor rows, VocabularyTape tape, float[] slopes, DeviceTensor? gradient, MemoryPool pool)
    {
        using var slope = DeviceTensor.From<float>(pool, DataType.Float32, slopes, slopes.Length);
        if (tape.RowsGradient is { } forOne)
        {
            if (gradient is not null)
            {
                throw new ArgumentException($"The tape keeps the gradient of the rows alone, and {weight} trains.", nameof(tape));
            }

            var scaledRows = Scaled(forOne, slope, pool);
            tape.Dispose();
            return scaledRows;
        }

        var begun = targets.Value.Run(
            Feeds(
                (VocabularyGraphs.Rows, rows), (VocabularyGraphs.Weight, parameters[weight]), (VocabularyGraphs.Ids, tape.Ids),
                (VocabularyGraphs.Slopes, slope), (VocabularyGraphs.Target, tape.Target)),
            pool);
        using var pull = begun[VocabularyGraphs.Pull];
        using var scaled = begun[VocabularyGraphs.Scaled];
        using var capped = begun.GetValueOrDefault(VocabularyGraphs.Own);
        foreach (var (first, count) in parts.Parts())
        {
            using var lines = parameters.Lines(weight, first, count);
            using var own = gradient?.Rows(first, count);
            foreach (var (row, size) in parts.Chunks(slopes.Length))
            {
                using var chunk = rows.Rows(row, size);
                using var sum = tape.LogSum.Rows(row, size);
                using var pulled = pull.Rows(row, size);
                using var product = scaled.Rows(row, size);
                var inputs = Feeds(
                    (VocabularyGraphs.Rows, chunk), (VocabularyGraphs.Weight, lines), (VocabularyGraphs.LogSum, sum),
                    (VocabularyGraphs.Pull, pulled), (VocabularyGraphs.Scaled, product));
                // One tensor as input and output: the product that writes it is its only reader.
                var bound = Feeds((VocabularyGraphs.Pull + VocabularyGraphs.Out, pulled));
                if (own is not null)
                {
                    inputs.Add(VocabularyGraphs.WeightGradient, own);
                    bound.Add(VocabularyGraphs.WeightGradient + VocabularyGraphs.Out, own);
                }

                if (tape.Kept.TryDequeue(out var kept))
                {
                    inputs.Add(VocabularyGraphs.Logits, kept);
                    keptBackward.Value.Run(inputs, pool, bound);
                    kept.Dispose();
                }
                else
                {
                    backward.Value.Run(inputs, pool, bound);
                }
            }
        }

        if (gradient is not null)
        {
            parameters.RowAdder.Add(gradient, tape.Ids, capped ?? scaled, pool);
        }

        tape.Dispose();
        return Scaled(pull, slope, pool);
    }

    DeviceTensor Scaled(DeviceTensor pull, DeviceTensor slope, MemoryPool pool) =>
        finish.Value.Run(Feeds((VocabularyGraphs.Pull, pull), (VocabularyGraphs.Slopes, slope)), pool)[VocabularyGraphs.RowsGradient];

    public void Dispose()
    {
        Lazy<GraphSession>[] all = [logits, .. forwards.Values, complete, targets, backward, keptBackward, finish];
        foreach (var session in all.Where(s => s.IsValueCreated))
        {
            session.Value.Dispose();
        }
    }

    // A scorer never differentiates, and text alone needs logits.
    static Lazy<GraphSession> Session(Func<OnnxGraph> graph) => new(() => new GraphSession(graph(), MemoryPurpose.Head));

    static Dictionary<string, DeviceTensor> Feeds(params (string Name, DeviceTensor Tensor)[] tensors) =>
        tensors.ToDictionary(t => t.Name, t => t.Tensor, StringComparer.Ordinal);
}
