using OrtDpo.Batches;
using OrtDpo.Models.Decoders;
using OrtDpo.Testing.FakeCuda;
using OrtDpo.Train.Engine;

namespace OrtDpo.CudaEngine.Tests.Fragments;

/// <summary>
/// What the table says of the parts is what the engine asks for as a whole: nothing between them is missing, and they are put together in
/// <see cref="EngineFragments"/> as in the engine.
/// </summary>
public sealed class StepSumTests
{
    public static TheoryData<string, string, ComputeDtype, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, ComputeDtype, bool>();
            foreach (var (family, weights) in new[]
            {
                ("llama", "trained"), ("llama", "as-is"), ("llama", "nf4"), ("gpt2", "trained"), ("gpt2", "int4"), ("gemma2", "trained"),
                ("gemma3", "as-is"), ("phi3", "trained"), ("smollm3", "as-is"),
            })
            {
                foreach (var compute in new[] { ComputeDtype.Float32, ComputeDtype.BFloat16 })
                {
                    cases.Add(family, weights, compute, false);
                    cases.Add(family, weights, compute, true);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_parts_of_a_step_take_what_it_takes(string family, string weights, ComputeDtype compute, bool inChunks)
    {
        // Activations are kept where attention is whole, and recomputed where it runs in chunks.
        var options = CudaOptions.Require() with
        {
            Dtype = compute,
            KeptLayers = inChunks ? 0 : null,
            ScoreBytes = inChunks ? 0 : long.MaxValue,
        };
        using var folder = FragmentModel.Open(family, weights);
        using var engine = StepEngine.Of(folder, options);
        var batch = FragmentModel.Batch(folder.Model.Layout);
        engine.Accumulate(batch, logps => logps);
        FakeCudaDevice.Reset();
        engine.Accumulate(batch, logps => logps);
        var whole = FragmentCost.Of(FakeCudaDevice.Counters, peakBytes: 0);

        // Four numbers of each place come up with a batch, and where attention runs in chunks its segment again, and places of a row.
        long places = batch.Rows * batch.Width;
        var uploaded = sizeof(long) * ((4 * places) + (inChunks ? places + batch.Width : 0));
        var rows = FragmentTable.Rows()
            .Where(row => row.Key is var key && key.Family == family && key.Weights == weights
                && key.Compute == FragmentKey.Name(compute) && key.Activations == (inChunks ? "recomputed" : "kept"))
            .ToLookup(row => row.Key.Fragment, row => row.Cost);
        var parts = Parts(folder.Model, inChunks).SelectMany(part => rows[part])
            .Aggregate(new FragmentCost() with { UploadBytes = uploaded }, (sum, part) => sum + part);
        Assert.Equal(whole, parts);
    }

    static IEnumerable<string> Parts(DecoderModel model, bool inChunks) =>
    [
        inChunks ? EngineFragments.EmbedForChunks : EngineFragments.Embed, .. EngineFragments.LayerNames(model, inChunks),
        EngineFragments.Head,
    ];
}
