using OrtDpo.Batches;
using OrtDpo.Testing.FakeCuda;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests.Engine;
using OrtDpo.Training;

namespace OrtDpo.CudaEngine.Tests;

/// <summary>
/// The step engine on CUDA without a GPU: what it asks of the device, and never a number, since nothing is computed there. That its numbers
/// are right is shown by the engine on a device whose memory is guarded (Train.Tests).
/// </summary>
public sealed class CudaEngineTests
{
    public static TheoryData<string, int?, long, ComputeDtype> Cases =>
    [
        .. GoldenFamily.Families.SelectMany(family => new (int? Kept, long Scores)[] { (null, long.MaxValue), (0, 0) }
            .SelectMany(way => new[] { ComputeDtype.Float32, ComputeDtype.BFloat16 }.Select(type => (family, way.Kept, way.Scores, type)))),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_run_on_one_stream_and_wait_once_for_log_probabilities_and_once_for_the_norm(
        string family, int? kept, long scores, ComputeDtype compute)
    {
        using var golden = new GoldenFamily(family);
        var options = CudaOptions.Require() with { KeptLayers = kept, ScoreBytes = scores, Dtype = compute };
        using var engine = StepEngine.Open(golden.Folder, options);
        RequireSteps(engine, golden);
    }

    [Theory]
    [InlineData("llama", "as-is")]
    [InlineData("llama", "nf4")]
    [InlineData("llama", "int4")]
    [InlineData("gpt2", "nf4")]
    [InlineData("gpt2", "int4")]
    [InlineData("phi3", "int4-128")]
    public void Steps_of_an_adapter_wait_no_more(string family, string form)
    {
        using var golden = new GoldenFamily(family);
        foreach (var compute in new[] { ComputeDtype.Float32, ComputeDtype.BFloat16 })
        {
            using var folder = AdaptedFolder.Open(golden.Folder, form);
            using var engine = StepEngine.Of(folder, CudaOptions.Require() with { Dtype = compute });
            RequireSteps(engine, golden);
        }
    }

    static void RequireSteps(StepEngine engine, GoldenFamily golden)
    {
        using var loss = LossSession.Sigmoid(0.1f);
        for (var step = 1; step <= 3; step++)
        {
            FakeCudaDevice.Reset();
            engine.Accumulate(loss, golden.Pairs, golden.Pairs.Length);
            var accumulated = FakeCudaDevice.Counters;
            if (step == 1)
            {
                // Sessions were loaded, and their constants brought up.
                engine.Apply(new OptimizerStep(step, 1e-3f, MaxGradNorm: 1, WeightDecay: 0.01f));
                continue;
            }

            Assert.Equal(0, accumulated.ForeignStreamOperations);
            Assert.Equal(1, accumulated.Downloads);
            Assert.Equal(1, accumulated.StreamSyncs);
            Assert.Equal(0, accumulated.DeviceSyncs + accumulated.BlockingCopies + accumulated.PageableCopies);
            Assert.True(accumulated.Launches > 0 && accumulated.Gemms > 0);

            FakeCudaDevice.Reset();
            engine.Apply(new OptimizerStep(step, 1e-3f, MaxGradNorm: 1, WeightDecay: 0.01f));
            var applied = FakeCudaDevice.Counters;
            Assert.Equal(0, applied.ForeignStreamOperations);
            Assert.Equal(1, applied.Downloads);
            Assert.Equal(0, applied.DeviceSyncs + applied.BlockingCopies + applied.PageableCopies + applied.Allocations);
        }
    }

}
