using OrtDpo.Batches;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.CudaEngine.Tests.Fragments;

/// <summary>
/// What each part of the engine asks of the device is what <c>fragments.tsv</c> says: exactly, since every number is counted, and one that
/// fell unseen would let it rise again unseen.
/// </summary>
public sealed class FragmentTableTests
{
    public static TheoryData<string> Families => [.. GoldenFamily.Families];

    [Theory]
    [MemberData(nameof(Families))]
    public void The_table_says_what_the_parts_of_a_family_take(string family)
    {
        var options = CudaOptions.Require();
        // The stub device never gives addresses out twice: a pool for each model would use them up.
        using var pool = new MemoryPool(options.Device);
        var counted = new List<(FragmentKey Key, FragmentCost Cost)>();
        foreach (var weights in Forms(family))
        {
            foreach (var compute in new[] { ComputeDtype.Float32, ComputeDtype.BFloat16 })
            {
                foreach (var keep in new[] { true, false })
                {
                    using var folder = FragmentModel.Open(family, weights);
                    using var fragments = new EngineFragments(
                        folder, options with { Dtype = compute, KeptLayers = keep ? null : 0 }, pool);
                    counted.AddRange(fragments.Costs().Select(c => (
                        new FragmentKey(family, weights, FragmentKey.Name(compute), keep ? "kept" : "recomputed", c.Fragment, c.Pass),
                        c.Cost)));
                }
            }
        }

        foreach (var (key, cost) in counted)
        {
            // Log-probabilities come to the host, once and with one wait. Anything else would be a node that was placed on the CPU.
            var down = key.Fragment.StartsWith(EngineFragments.Head, StringComparison.Ordinal) && key.Pass == FragmentKey.Forward ? 1 : 0;
            Assert.True((cost.Downloads, cost.Waits) == (down, down), $"'{key}' waits for the device: {cost}.");
            // Of embedding and layers the device has everything, but for the numbers of rows that are added (GraphRowAdder).
            var isBody = !key.Fragment.StartsWith(EngineFragments.Head, StringComparison.Ordinal);
            var addsRows = key.Fragment.StartsWith(EngineFragments.Embed, StringComparison.Ordinal) && key.Pass == FragmentKey.Backward;
            Assert.True(!isBody || addsRows || cost.UploadBytes == 0, $"'{key}' brings numbers from the host: {cost}.");
        }

        FragmentTable.Require(family, counted);
    }

    [Fact]
    public void The_table_has_no_other_families() => FragmentTable.RequireFamilies([.. GoldenFamily.Families, DevicePartTests.Family]);

    // Forms of 4 bits under a product each way round, and under one that holds several projections.
    static string[] Forms(string family) => family is "llama" or "gpt2" or "phi3"
        ? [FragmentModel.Trained, FragmentModel.AsIs, "nf4", "int4"]
        : [FragmentModel.Trained, FragmentModel.AsIs];
}
