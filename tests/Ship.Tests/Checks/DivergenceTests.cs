using FsCheck;
using FsCheck.Fluent;
using OrtDpo.Ship.Checks;

namespace OrtDpo.Ship.Tests.Checks;

public sealed class DivergenceTests
{
    // 3/4 against 1/2, and 1/4 against 1/2: 3/4 ln (3/2) + 1/4 ln (1/2).
    [Fact]
    public void Two_coins_are_apart_by_the_formula()
    {
        float[] p = [(float)Math.Log(0.75), (float)Math.Log(0.25)], q = [(float)Math.Log(0.5), (float)Math.Log(0.5)];
        AssertClose((0.75 * Math.Log(1.5)) + (0.25 * Math.Log(0.5)), Divergence.Kl(p, q), Tolerances.Float32);
        Assert.Equal(0, Divergence.Kl(p, p));
    }

    [Fact]
    public void A_distribution_is_never_nearer_to_another_than_to_itself() => Prop.ForAll(
        Gen.Choose(-4000, 4000).Select(x => x / 100f).ArrayOf(12).ToArbitrary(),
        logits =>
        {
            var all = Divergence.LogSoftmax(logits, 6);
            AssertClose(1, all[..6].Sum(x => Math.Exp(x)), Tolerances.Float32Graph);
            // Rounding of log-probabilities to float32 alone takes it below 0.
            Assert.InRange(Divergence.Kl(all.AsSpan(0, 6), all.AsSpan(6, 6)), -Tolerances.Float32Graph, double.MaxValue);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_number_that_is_added_to_all_logits_changes_nothing()
    {
        float[] logits = [1, -2, 3, 0.5f, 7, 8];
        var shifted = Array.ConvertAll(logits, x => x + 1000);
        AssertClose(Divergence.LogSoftmax(logits, 3).Select(x => (double)x).ToArray(), Divergence.LogSoftmax(shifted, 3), 1e-4);
    }

    [Fact]
    public void What_only_one_of_two_excludes_is_infinitely_far_one_way_and_not_the_other()
    {
        float[] p = [0, float.NegativeInfinity], q = [(float)Math.Log(0.5), (float)Math.Log(0.5)];
        AssertClose(Math.Log(2), Divergence.Kl(p, q), Tolerances.Float32);
        Assert.Equal(double.PositiveInfinity, Divergence.Kl(q, p));
    }
}
