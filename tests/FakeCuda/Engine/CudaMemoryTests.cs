using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Runtime.Memory;
using OrtDpo.Safetensors;
using OrtDpo.Testing.FakeCuda;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests;
using OrtDpo.Training;

namespace OrtDpo.FakeCuda.Tests.Engine;

/// <summary>What a plan says of a GPU's memory is what a step then takes of it: the provider has no allocator but ours.</summary>
public sealed class CudaMemoryTests
{
    [Theory]
    [InlineData(false, 4, 60)]
    [InlineData(true, 4, 60)]
    [InlineData(false, 1, 400)]
    [InlineData(true, 1, 400)]
    public void A_step_takes_no_more_of_the_device_than_the_plan_says(bool recompute, int pairs, int length)
    {
        FakeCudaDevice.Require();
        using var tiny = new TinyLlama(vocabulary: 4_000, layers: 3, hidden: 96, positions: 1_024);
        var options = CudaEngineTests.Options() with { KeptLayers = recompute ? 0 : null };
        var random = new Random(4);
        int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(4_000))];
        var batch = ExamplePacking.Pack(
            [.. Enumerable.Range(0, pairs).Select(_ => Example.Pair(Tokens(length), Tokens(length / 2), Tokens(length / 2)))]);
        using var folder = ModelFolder.Open(tiny.Folder, WeightMapping.CopyOnWrite);
        var planned = StepEngine.Plan(folder, options, [batch]);
        FakeCudaDevice.Reset();
        using var engine = StepEngine.Of(folder, options);
        for (var step = 1; step <= 3; step++)
        {
            engine.Accumulate(batch, logps => logps);
            engine.Apply(new OptimizerStep(step, 1e-3f, 1, 0));
        }

        foreach (var purpose in Enum.GetValues<MemoryPurpose>())
        {
            Console.Error.WriteLine($"{purpose} {planned.Purposes[purpose]} {engine.Use.Purposes[purpose]}");
        }
        Console.Error.WriteLine($"PEAK {planned.Held} {engine.Use.Held} {FakeCudaDevice.Peak}");
        Assert.InRange(FakeCudaDevice.Peak, 0, planned.Held);
    }
}
