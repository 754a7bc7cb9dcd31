using OrtDpo.Ship.Statistics;

namespace OrtDpo.Ship.Tests.Statistics;

public sealed class StudentTTests
{
    // Of the tables that every book of statistics has, to their last digit.
    [Theory]
    [InlineData(1, 12.7062, 1e-4)]
    [InlineData(2, 4.30265, 1e-5)]
    [InlineData(5, 2.57058, 1e-5)]
    [InlineData(10, 2.22814, 1e-5)]
    [InlineData(30, 2.04227, 1e-5)]
    [InlineData(120, 1.97993, 1e-5)]
    [InlineData(1e9, 1.959964, 1e-6)]
    public void Quantiles_are_those_of_the_tables(double freedom, double expected, double digit) =>
        AssertClose(expected, StudentT.Quantile975(freedom), digit);

    // One degree is Cauchy's distribution, two have a closed form: F(t) = 1/2 + t / (2 sqrt(2 + t²)).
    [Theory]
    [InlineData(-3)]
    [InlineData(-0.2)]
    [InlineData(0)]
    [InlineData(0.7)]
    [InlineData(25)]
    public void Probabilities_of_one_and_two_degrees_are_their_closed_forms(double t)
    {
        AssertClose(0.5 + (Math.Atan(t) / Math.PI), StudentT.Probability(t, 1), Tolerances.Float64);
        AssertClose(0.5 + (t / (2 * Math.Sqrt(2 + (t * t)))), StudentT.Probability(t, 2), Tolerances.Float64);
    }

    // I_p(k, n - k + 1) is the probability of k successes or more in n trials.
    [Theory]
    [InlineData(10, 3, 0.2)]
    [InlineData(40, 39, 0.9)]
    [InlineData(25, 1, 0.01)]
    [InlineData(60, 30, 0.55)]
    public void The_incomplete_beta_function_sums_binomial_probabilities(int trials, int successes, double share)
    {
        var sum = 0.0;
        for (var k = successes; k <= trials; k++)
        {
            var ways = 1.0;
            for (var i = 0; i < k; i++)
            {
                ways *= (trials - i) / (i + 1.0);
            }

            sum += ways * Math.Pow(share, k) * Math.Pow(1 - share, trials - k);
        }

        AssertClose(sum, IncompleteBeta.Of(share, successes, trials - successes + 1), relative: Tolerances.Float64);
    }

    [Fact]
    public void The_gamma_function_continues_factorials_and_has_the_root_of_pi()
    {
        AssertClose(Math.Log(120), IncompleteBeta.LogGamma(6), Tolerances.Float64);
        AssertClose(Math.Log(Math.PI) / 2, IncompleteBeta.LogGamma(0.5), Tolerances.Float64);
        Assert.Equal((0, 1), (IncompleteBeta.Of(0, 2, 3), IncompleteBeta.Of(1, 2, 3)));
    }
}
