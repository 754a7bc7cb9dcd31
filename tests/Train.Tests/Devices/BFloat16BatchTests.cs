using OrtDpo.Batches;
using OrtDpo.Models.Tests.Precision;
using OrtDpo.Train.Engine;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>
/// What another batch does to a log-probability in bfloat16. A GPU sums in another order where a batch has another shape; here sums are
/// made to differ, in the last place of float32 (<see cref="OtherSums"/>). Why these bounds: docs/decisions/0028.
/// </summary>
[Trait("Speed", "native")]
public sealed class BFloat16BatchTests
{
    const double LastPlace = 1.0 / (1 << 23);

    public static TheoryData<string, double> Cases =>
        [.. new[] { "llama", "gpt2" }.SelectMany(name => new[] { LastPlace, 64 * LastPlace }.Select(part => (name, part)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Two_orders_of_summation_are_as_far_apart_as_bfloat16_is_from_float32(string name, double part)
    {
        GuardedDevice.Require();
        using var model = new FormulaModel(name);
        using var folder = new TemporaryFolder();
        model.Save(folder, between: false);
        var exact = Score(folder, BatchLayout.Packed, model.Batches, new() { Threads = 2 });
        var packed = Score(folder, BatchLayout.Packed, model.Batches, Narrow(new(part, Seed: 1)));
        var stacked = Score(folder, BatchLayout.Stacked, model.Batches, Narrow(new(part, Seed: 2)));

        var apart = Difference(packed, stacked);
        var error = Rms(Difference(packed, exact).SelectMany(d => d));
        var token = Rms(apart.SelectMany(d => d));
        // Errors that have nothing in common would be √2 of one apart; errors that are the same, nothing.
        Assert.InRange(token, Tolerances.BFloat16LeastApart * error, Tolerances.BFloat16Chance * Math.Sqrt(2) * error);
        // Tokens err independently, to no side.
        var completion = Rms(apart.Select(d => d.Sum() / Math.Sqrt(d.Length)));
        Assert.InRange(completion, token / Tolerances.BFloat16Chance, token * Tolerances.BFloat16Chance);
        var all = apart.SelectMany(d => d).ToArray();
        AssertClose(0, all.Average(), Tolerances.BFloat16Sigmas * token / Math.Sqrt(all.Length));
    }

    static EngineOptions Narrow(OtherSums sums) =>
        new() { Threads = 2, Device = new GuardedDevice(sums), Dtype = ComputeDtype.BFloat16 };

    // Token by token of each completion.
    static float[][] Score(TemporaryFolder folder, BatchLayout layout, int batches, EngineOptions options)
    {
        using var engine = StepEngine.Open(folder.Path, options);
        return
        [
            .. Enumerable.Range(0, batches).SelectMany(i =>
            {
                var batch = ExamplePacking.Pack(FormulaModel.Pairs(i), layout);
                var logps = engine.Score(batch);
                return Enumerable.Range(0, batch.Completions)
                    .Select(c => logps.AsSpan(c * batch.CompletionWidth, batch.CompletionLength(c)).ToArray());
            }),
        ];
    }

    static double[][] Difference(float[][] a, float[][] b) =>
        [.. a.Zip(b, (x, y) => x.Zip(y, (p, q) => (double)p - q).ToArray())];

    static double Rms(IEnumerable<double> values) => Math.Sqrt(values.Average(v => v * v));
}
