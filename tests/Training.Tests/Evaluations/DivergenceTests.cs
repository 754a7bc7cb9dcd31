using OrtDpo.Batches;

namespace OrtDpo.Training.Tests.Evaluations;

public sealed class DivergenceTests
{
    // Of both signs, on both sides of where the series takes over, and exact in decimal.
    public static TheoryData<double> Differences =>
        [.. new[] { 1e-6, 1e-4, 0.01, 0.099, 0.1, 0.101, 0.5, 1, 2, 3 }.SelectMany(d => new[] { d, -d })];

    [Theory]
    [MemberData(nameof(Differences))]
    public void K3_is_the_series_of_its_formula_in_28_digits(double d)
    {
        // e^d − 1 − d = Σ d^n / n! from n = 2.
        var (x, term, sum) = ((decimal)d, (decimal)d, 0m);
        for (var n = 2; n < 60; n++)
        {
            term *= x / n;
            sum += term;
        }

        AssertClose((double)sum, Divergence.K3Of(d), relative: 1e-13);
    }

    [Fact]
    public void K3_is_never_below_zero_and_zero_where_both_say_the_same()
    {
        Assert.Equal(0, Divergence.K3Of(0));
        var random = new Random(11);
        for (var i = 0; i < 100_000; i++)
        {
            var d = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-18, 3));
            Assert.True(Divergence.K3Of(d) >= 0, $"d = {d:R}");
        }
    }

    [Fact]
    public void A_completion_of_two_tokens_is_as_by_hand()
    {
        // Log-ratios of 1 and −0.5; e^−1 − 1 + 1 = e^−1, and e^0.5 − 1 − 0.5.
        var found = Divergence.Of([-1f, -2f], CompletionLogps.Of([-2f, -1.5f]));
        AssertClose(0.5, found.LogRatio, Tolerances.Float64);
        AssertClose(Math.Exp(-1) + Math.Exp(0.5) - 1.5, found.K3!.Value, Tolerances.Float64);
        Assert.Equal(2, found.Tokens);
    }

    /// <summary>
    /// Where completions are the policy's own, both estimates have the divergence as their mean, and k3 spreads less: over all completions
    /// of one token, each with its probability, the means of k1 and k3 are Σ p log(p/q).
    /// </summary>
    [Fact]
    public void Over_the_policys_own_tokens_both_estimates_are_the_divergence()
    {
        double[] p = [0.5, 0.3, 0.15, 0.05];
        double[] q = [0.25, 0.25, 0.25, 0.25];
        var exact = p.Zip(q, (a, b) => a * Math.Log(a / b)).Sum();
        double[] k1 = [.. p.Zip(q, (a, b) => Divergence.Of([(float)Math.Log(a)], CompletionLogps.Of([(float)Math.Log(b)])).LogRatio)];
        double[] k3 = [.. p.Zip(q, (a, b) => Divergence.K3Of(Math.Log(b) - Math.Log(a)))];
        // The logps of k1 are float32.
        AssertClose(exact, Mean(k1), relative: 1e-6);
        AssertClose(exact, Mean(k3), Tolerances.Float64);
        Assert.True(Spread(k3) < Spread(k1), $"k3 spreads by {Spread(k3)}, k1 by {Spread(k1)}.");

        double Mean(double[] values) => p.Zip(values, (share, value) => share * value).Sum();

        double Spread(double[] values) => Mean([.. values.Select(value => Math.Pow(value - Mean(values), 2))]);
    }

    [Fact]
    public void A_reference_that_is_known_by_its_sum_alone_has_no_k3()
    {
        var found = Divergence.Of([-1f, -2f], new CompletionLogps(-3.5, []));
        AssertClose(0.5, found.LogRatio, Tolerances.Float64);
        Assert.Null(found.K3);
    }
}
