using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OrtDpo.Batches;
using OrtDpo.GpuCheck.Models;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Runtime.Models;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests.Engine;
using OrtDpo.Training;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>
/// Frozen weights in the host's memory, layers of which are copied beside the device's work, give the bits of weights that lie on the
/// device. Layers are so large beside the batch that the copies are always behind: a wait that is missing shows.
/// </summary>
sealed class OffloadCheck() : Check(14, "weights in the host's memory", seconds: 60)
{
    const int Rank = 4, Steps = 2, Passes = 2;

    static readonly ModelShape Large = new("streamed", "llama", 2048, 5632, 6, 16, 8, 32_000, IsTied: false);

    static readonly ModelShape Small = Large with { Hidden = 64, Intermediate = 128, Layers = 4, Heads = 4, Groups = 2, Vocabulary = 500 };

    static readonly Offload[] Ways = [Offload.Embeddings, Offload.Layers, Offload.Embeddings | Offload.Layers];

    public override void Run(CheckRun run)
    {
        if (run.Places.IsRehearsal)
        {
            run.Skip("The processor's memory is the host's.");
            return;
        }

        var shape = run.Sized(Large, Small);
        var path = WrittenModel.Write(Path.Combine(run.Places.Work, "models"), shape, hasNumbers: run.Mode == CheckMode.Gpu);
        var batch = ExamplePacking.Pack([Draw.Pair(shape.Vocabulary, 40, 12, seed: 71), Draw.Pair(shape.Vocabulary, 30, 20, seed: 72)]);
        Compare(run, path, batch, "as-is", ComputeDtype.Float32, Ways);
        Compare(run, path, batch, "as-is", ComputeDtype.BFloat16, Ways);
        Compare(run, path, batch, "nf4", ComputeDtype.BFloat16, [Ways[^1]]);
    }

    static void Compare(CheckRun run, string path, PackedBatch batch, string form, ComputeDtype dtype, Offload[] ways)
    {
        var (expected, whole) = Trained(run, path, batch, form, dtype, Offload.None);
        var name = $"{form}, {dtype.ConfigName()}";
        run.Computed($"{name}: a pass, all on the device", whole, "ms");
        foreach (var way in ways)
        {
            var (found, milliseconds) = Trained(run, path, batch, form, dtype, way);
            run.Computed($"{name}: {way.ConfigName()} in the host's memory give the same bits", found == expected);
            run.Computed("… a pass", milliseconds, "ms");
        }
    }

    // The digest of all that steps make, and how long the last forward and backward took.
    static (string Bits, double Milliseconds) Trained(
        CheckRun run, string path, PackedBatch batch, string form, ComputeDtype dtype, Offload offload)
    {
        using var folder = AdaptedFolder.Open(path, form, Rank);
        using var engine = StepEngine.Of(
            folder, new EngineOptions { Threads = run.Threads, Device = run.Device, Dtype = dtype, Offload = offload });
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] trained = [.. engine.Parameters.Names.Where(engine.Parameters.Trains)];
        var first = new byte[sizeof(float)];
        var milliseconds = 0.0;
        for (var step = 1; step <= Steps; step++)
        {
            Add(engine.Score(batch));
            for (var pass = 1; pass <= Passes; pass++)
            {
                var start = Stopwatch.GetTimestamp();
                Add(engine.Accumulate(batch, logps => Draw.Uniform(logps.Length, (ulong)pass)));
                // A copy to the host comes after the backward.
                engine.Parameters.Master(trained[0]).ReadBytes(0, first);
                milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }

            foreach (var name in trained)
            {
                Add(engine.Gradient(name));
            }

            engine.Apply(new OptimizerStep(step, LearningRate: 1e-3f, MaxGradNorm: 1, WeightDecay: 0));
        }

        return (Convert.ToHexString(digest.GetHashAndReset()), milliseconds);

        void Add(float[] numbers) => digest.AppendData(MemoryMarshal.AsBytes(numbers.AsSpan()));
    }
}
