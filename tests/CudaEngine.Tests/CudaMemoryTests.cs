using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Safetensors;
using OrtDpo.Testing.FakeCuda;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests;
using OrtDpo.Train.Tests.Engine;
using OrtDpo.Training;

namespace OrtDpo.CudaEngine.Tests;

/// <summary>What a plan says of a GPU's memory is what a step then takes of it: the provider has no allocator but ours.</summary>
public sealed class CudaMemoryTests
{
    public static TheoryData<bool, int, int, ComputeDtype, string> Cases =>
    [
        .. new[] { (4, 60), (1, 400) }.SelectMany(size => new[] { false, true }.SelectMany(recompute =>
            new[] { ComputeDtype.Float32, ComputeDtype.BFloat16 }.SelectMany(compute =>
                new[] { "all weights", "as-is", "nf4", "int4" }.Select(
                    form => (recompute, size.Item1, size.Item2, compute, form))))),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_step_takes_no_more_of_the_device_than_the_plan_says(
        bool recompute, int pairs, int length, ComputeDtype compute, string form)
    {
        var options = CudaOptions.Require() with { KeptLayers = recompute ? 0 : null, Dtype = compute };
        using var tiny = new TinyLlama(vocabulary: 4_000, layers: 3, hidden: 96, positions: 1_024);
        var random = new Random(4);
        int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(4_000))];
        var batch = ExamplePacking.Pack(
            [.. Enumerable.Range(0, pairs).Select(_ => Example.Pair(Tokens(length), Tokens(length / 2), Tokens(length / 2)))]);
        using var folder = form == "all weights"
            ? ModelFolder.Open(tiny.Folder, WeightMapping.CopyOnWrite)
            : AdaptedFolder.Open(tiny.Folder, form, rank: 4);
        var planned = StepEngine.Plan(folder, options, [batch]);
        FakeCudaDevice.Reset();
        using var engine = StepEngine.Of(folder, options);
        for (var step = 1; step <= 3; step++)
        {
            engine.Accumulate(batch, logps => logps);
            engine.Apply(new OptimizerStep(step, 1e-3f, 1, 0));
        }

        // The provider tries the device with a block of one byte whenever it loads a session.
        const long Trial = 512, Piece = 2 << 20;
        Assert.InRange(FakeCudaDevice.Peak - Trial, (planned.Held * 0.98) - Piece, planned.Held);
    }
}
