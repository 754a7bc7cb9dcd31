using OrtDpo.Export.Precision;

namespace OrtDpo.Export.Tests;

/// <summary>What the comparison makes of differences, and where it draws the line.</summary>
public sealed class ParityTests
{
    static readonly ParityReport Whole = new(1, 40, 9e-6, 1e-4, 0, Parity.MeanLimit, Parity.MaxLimit);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_no_number_is_the_largest_difference_wherever_it_stands(int at)
    {
        double[] expected = [-1, -2, -3], actual = [-1, -2.5, -3];
        actual[at] = double.NaN;
        var found = Parity.Distance([(expected, actual), ([-1], [-1.25])]);
        Assert.True(double.IsNaN(found.Max) && double.IsNaN(found.Mean));
        Assert.Equal((4, 0), (found.Tokens, found.WorstPair));
        var report = Whole with { MeanDifference = 0, MaxDifference = found.Max };
        Assert.Equal("mean 0 and at most NaN nats per token over 40 tokens; expected at most 1e-05 and 0.0005", report.Fault);
    }

    [Fact]
    public void An_order_is_changed_where_the_policy_s_margin_is_no_tie()
    {
        // Kept both ways, a tie that turned, two that turned, one that became nothing, and one that is no number.
        (double, double, double)[] margins =
            [(1, 0.5, 0.1), (-1, -2, 0.1), (0.05, -3, 0.1), (0.2, -0.01, 0.1), (-0.2, 0.01, 0.1), (0.3, 0, 0.1), (0.3, double.NaN, 0.1)];
        Assert.Equal(new OrderParity(7, 1, 4, 0, 5.0 / 7, 2.0 / 7), OrderParity.Of(margins, share: 0));
        // A share of the pairs, rounded up.
        Assert.Equal(2, OrderParity.Of(margins, share: 0.2)!.Limit);
        Assert.Null(OrderParity.Of([], share: 0));
    }

    [Fact]
    public void Each_fault_is_named()
    {
        Assert.True(Whole.Holds);
        Is("5 of 32 tokens that it makes are others than the layers that train make likeliest; expected at most 4",
            Whole with { Greedy = new GreedyParity(32, 5, 1, 4) });
        Is("storing it as float16 moved log-probabilities by mean 0.001 and at most 0.03 nats per token; expected at most 0.002 and 0.02",
            Whole with { Rounding = new Rounding("float16", 1e-3, 3e-2) { MeanLimit = 2e-3, MaxLimit = 2e-2 } });
        Is("storing it as float16 moved log-probabilities by mean NaN and at most NaN nats per token; expected at most 0.002 and 0.02",
            Whole with { Rounding = new Rounding("float16", double.NaN, double.NaN) { MeanLimit = 2e-3, MaxLimit = 2e-2 } });
        Is("2 of 8 pairs have another completion preferred; expected at most 1",
            Whole with { Preferences = new OrderParity(8, 0, 2, 1, 1, 0.75) });
        Is("2 of 8 pairs have another completion with the higher reward; expected at most 1",
            Whole with { Rewards = new OrderParity(8, 0, 2, 1, 1, 0.75) });
        // What was merged alone has no limits, since nobody said what it is for.
        Assert.True((Whole with { Rounding = new Rounding("nf4", 1, 2) }).Holds);

        static void Is(string fault, ParityReport report) => Assert.Equal((false, fault), (report.Holds, report.Fault));
    }

    [Fact]
    public void A_fault_of_storing_has_another_way_out_than_one_of_computing()
    {
        var changed = Whole with { Rewards = new OrderParity(8, 0, 2, 1, 1, 0.75) };
        Assert.Equal("", Whole.Advice);
        Assert.Equal(
            " Store it in another type (`Dtype`), or tune on a base that is held in few bits (`Base`).",
            (changed with { Rounding = new Rounding("int4", 0.1, 1) }).Advice);
        Assert.Equal(" Store it in another type (`Dtype`).", (changed with { Rounding = new Rounding("bfloat16", 0.1, 1) }).Advice);
        var apart = Whole with { Greedy = new GreedyParity(32, 5, 1, 4) };
        // What differs where nothing was asked for is a fault of ours.
        Assert.Equal("", apart.Advice);
        Assert.Equal(" Leave `Compute` out.", (apart with { Compute = new ComputedRun("float16", ComputedRun.Run) }).Advice);
    }

    [Fact]
    public void The_limits_are_those_that_were_promised()
    {
        Assert.Equal((1e-5, 5e-4), (ParityLimits.Of(Safetensors.WeightType.F32).Mean, ParityLimits.Of(Safetensors.WeightType.F32).Max));
        var half = ParityLimits.Of(Safetensors.WeightType.F16);
        Assert.Equal((1e-5, 5e-4, 2e-3, 2e-2), (half.Mean, half.Max, half.PolicyMean!.Value, half.PolicyMax!.Value));
        // What was trained on 4 bits.
        Assert.Equal((1e-4, null), (ParityLimits.Of(StoredDtype.AsHeld).Max, ParityLimits.Of(StoredDtype.AsHeld).PolicyMax));
        Assert.All(StoredDtype.Names.Where(StoredDtype.IsQuantized), name =>
            Assert.True(ParityLimits.Of(StoredDtype.Named(name)) is { PolicyMean: > 0, PolicyMax: > 0 }));
    }
}
