using System.Numerics;
using System.Runtime.InteropServices;
using OrtDpo.Training;

namespace OrtDpo.Train.Engine;

/// <summary>
/// AdamW (arXiv:1711.05101, Algorithm 2, as PyTorch computes it) with clipping by the global norm, one pass over memory per update. ONNX
/// Runtime's elementwise nodes need four times as long and temporaries of the weights' size (measured). Moments in 8 bits are decoded and
/// encoded block by block around the same update.
/// </summary>
/// <param name="chunks">What trains, in the host's memory.</param>
/// <param name="threads">Threads that work on it.</param>
sealed class AdamW(ParameterChunk[] chunks, int threads) : IOptimizer
{
    public OptimizerResult Apply(OptimizerStep step)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        var norm = GlobalNorm(parallel);
        if (!double.IsFinite(norm))
        {
            Parallel.For(0, chunks.Length, parallel, i => chunks[i].Gradient.Clear());
            return new OptimizerResult(norm, Applied: false);
        }

        // PyTorch's clip_grad_norm_: max_norm / (norm + 1e-6), at most 1.
        var clip = step.MaxGradNorm > 0 ? Math.Min(1, step.MaxGradNorm / (norm + 1e-6)) : 1;
        var update = new Update(step, (float)clip);
        Parallel.For(0, chunks.Length, parallel, i => update.Run(chunks[i]));
        return new OptimizerResult(norm, Applied: true);
    }

    public void Dispose()
    {
    }

    // Float sums within a chunk's lane, double across: the same for every number of threads.
    double GlobalNorm(ParallelOptions parallel)
    {
        var squares = new double[chunks.Length];
        Parallel.For(0, chunks.Length, parallel, i => squares[i] = SumOfSquares(chunks[i].Gradient));
        return Math.Sqrt(squares.Sum());
    }

    static double SumOfSquares(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var sum = Vector<double>.Zero;
        foreach (var vector in vectors)
        {
            Vector.Widen(vector, out var low, out var high);
            sum += (low * low) + (high * high);
        }

        var total = Vector.Sum(sum);
        foreach (var value in values[(vectors.Length * Vector<float>.Count)..])
        {
            total += (double)value * value;
        }

        return total;
    }

    readonly struct Update(OptimizerStep step, float clip)
    {
        readonly float[] thresholds = MomentCodes.Thresholds(step.Number);
        readonly float stepSize = (float)(step.LearningRate / (1 - Math.Pow(step.Beta1, step.Number)));
        readonly float rootCorrection = (float)(1 / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Number)));

        public void Run(ParameterChunk chunk)
        {
            var decay = step.DecayOf(chunk.Parameter.IsVector);
            if (chunk.Parameter.HasCodes)
            {
                Coded(chunk, decay);
            }
            else
            {
                Elements(chunk.Weight, chunk.Gradient, chunk.FirstMoment, chunk.SecondMoment, decay);
            }
        }

        void Coded(ParameterChunk chunk, float decay)
        {
            Span<float> firsts = stackalloc float[MomentCodes.Block];
            Span<float> seconds = stackalloc float[MomentCodes.Block];
            var firstScales = chunk.FirstScales;
            var secondScales = chunk.SecondScales;
            for (var block = 0; block < firstScales.Length; block++)
            {
                var start = block * MomentCodes.Block;
                var length = Math.Min(MomentCodes.Block, chunk.Length - start);
                var firstCodes = chunk.FirstCodes.Slice(start, length);
                var secondCodes = chunk.SecondCodes.Slice(start, length);
                var first = firsts[..length];
                var second = seconds[..length];
                MomentCodes.DecodeFirst(firstCodes, firstScales[block], first);
                MomentCodes.DecodeSecond(secondCodes, secondScales[block], second);
                Elements(chunk.Weight.Slice(start, length), chunk.Gradient.Slice(start, length), first, second, decay);
                firstScales[block] = MomentCodes.EncodeFirst(first, firstCodes);
                secondScales[block] = MomentCodes.EncodeSecond(second, thresholds, secondCodes);
            }
        }

        void Elements(Span<float> weight, Span<float> gradient, Span<float> first, Span<float> second, float decay)
        {
            var whole = weight.Length / Vector<float>.Count * Vector<float>.Count;
            Vectors(
                MemoryMarshal.Cast<float, Vector<float>>(weight[..whole]), MemoryMarshal.Cast<float, Vector<float>>(gradient[..whole]),
                MemoryMarshal.Cast<float, Vector<float>>(first[..whole]), MemoryMarshal.Cast<float, Vector<float>>(second[..whole]), decay);
            for (var i = whole; i < weight.Length; i++)
            {
                var g = gradient[i] * clip;
                first[i] = (first[i] * step.Beta1) + (g * (1 - step.Beta1));
                second[i] = (second[i] * step.Beta2) + (g * g * (1 - step.Beta2));
                var denominator = (MathF.Sqrt(second[i]) * rootCorrection) + step.Epsilon;
                weight[i] = (weight[i] * decay) - (stepSize * first[i] / denominator);
                gradient[i] = 0;
            }
        }

        void Vectors(
            Span<Vector<float>> weight, Span<Vector<float>> gradient, Span<Vector<float>> first, Span<Vector<float>> second, float decay)
        {
            for (var i = 0; i < weight.Length; i++)
            {
                var g = gradient[i] * clip;
                var m = (first[i] * step.Beta1) + (g * (1 - step.Beta1));
                var v = (second[i] * step.Beta2) + (g * g * (1 - step.Beta2));
                var denominator = (Vector.SquareRoot(v) * rootCorrection) + new Vector<float>(step.Epsilon);
                weight[i] = (weight[i] * decay) - (stepSize * m / denominator);
                (first[i], second[i], gradient[i]) = (m, v, Vector<float>.Zero);
            }
        }
    }
}
