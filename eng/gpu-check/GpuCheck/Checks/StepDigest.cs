using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OrtDpo.Batches;
using OrtDpo.GpuCheck.Devices;
using OrtDpo.GpuCheck.Models;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests;
using OrtDpo.Train.Tests.Devices;
using OrtDpo.Training;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>
/// Some steps of a small model in both types, as the digest of all that comes out: the work of processes that others compare.
/// </summary>
static class StepDigest
{
    const int Threads = 2, Steps = 3;

    public static string Of(Places places)
    {
        OrtProcess.Start(Threads);
        var device = places.IsRehearsal ? new EmulatedDevice() : StubLibraries.Open().Device;
        using var model = new TinyLlama(vocabulary: 4_000, layers: 3, hidden: 96, positions: 512);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        TrainingRow[] rows =
        [
            .. Enumerable.Range(0, 4).Select(i => new TrainingRow(
                [""], Draw.Pair(4_000, 60 + i, 40 - (3 * i), (ulong)i), [new(-300, []), new(-300, [])], "drawn", i + 1)),
        ];
        foreach (var compute in new[] { ComputeDtype.Float32, ComputeDtype.BFloat16 })
        {
            using var engine = StepEngine.Open(model.Folder, new EngineOptions { Threads = Threads, Device = device, Dtype = compute });
            var packed = MicroBatch.Of(rows, engine.Layout).Packed;
            for (var step = 1; step <= Steps; step++)
            {
                Add(engine.Accumulate(packed, logps => Draw.Uniform(logps.Length, (ulong)step)));
                engine.Apply(new OptimizerStep(step, LearningRate: 1e-3f, MaxGradNorm: 1, WeightDecay: 0.01f));
            }

            foreach (var name in engine.Parameters.Names)
            {
                Add(engine.Parameters.Master(name).ToArray<float>());
            }
        }

        return Convert.ToHexString(digest.GetHashAndReset());

        void Add(float[] numbers) => digest.AppendData(MemoryMarshal.AsBytes(numbers.AsSpan()));
    }
}
