using OrtDpo.Runtime.Generation;

namespace OrtDpo.Generate.Tests.Sampled;

public sealed class TokenDistributionTests
{
    // Logits of the probabilities 0.1, 0.2, 0.3 and 0.4.
    static readonly float[] Tenths = [.. new[] { 1, 2, 3, 4 }.Select(tenth => MathF.Log(tenth))];

    [Fact]
    public void Without_limits_it_is_softmax() => RequireShares([0, 1, 2, 3], [1, 2, 3, 4], new Sampling());

    /// <summary>p^(1/T), normalized: squares at one half, square roots at two.</summary>
    [Fact]
    public void Temperature_is_a_power_of_the_probabilities()
    {
        RequireShares([0, 1, 2, 3], [1, 4, 9, 16], new Sampling { Temperature = 0.5 });
        RequireShares([0, 1, 2, 3], [1, Math.Sqrt(2), Math.Sqrt(3), 2], new Sampling { Temperature = 2 });
    }

    [Fact]
    public void Top_k_keeps_the_likeliest_and_all_that_equal_the_last_of_them()
    {
        RequireShares([2, 3], [3, 4], new Sampling { TopK = 2 });
        RequireShares([3], [1], new Sampling { TopK = 1 });
        var equals = TokenDistribution.Of([1, 2, 1, 0, 1], new Sampling { TopK = 2 });
        Assert.Equal([0, 1, 2, 4], equals.Ids);
    }

    /// <summary>0.4 is less than 0.6 and with 0.3 no longer: two stay. Of 0.75 a third is needed.</summary>
    [Fact]
    public void Top_p_keeps_up_to_the_first_that_reaches_the_sum()
    {
        RequireShares([2, 3], [3, 4], new Sampling { TopP = 0.6 });
        RequireShares([1, 2, 3], [2, 3, 4], new Sampling { TopP = 0.75 });
        RequireShares([3], [1], new Sampling { TopP = 0.3 });
        RequireShares([3], [1], new Sampling { TopP = 0 });
    }

    /// <summary>Of equals the lowest ids: four of a quarter each, of which 0.5 needs two.</summary>
    [Fact]
    public void Top_p_takes_the_lowest_ids_of_equals() =>
        Assert.Equal([0, 1], TokenDistribution.Of([5, 5, 5, 5], new Sampling { TopP = 0.5 }).Ids);

    /// <summary>The likeliest has 0.4: 0.45 of that is 0.18, and 0.8 of it is 0.32.</summary>
    [Fact]
    public void Min_p_is_measured_by_the_likeliest()
    {
        RequireShares([1, 2, 3], [2, 3, 4], new Sampling { MinP = 0.45 });
        RequireShares([3], [1], new Sampling { MinP = 0.8 });
        RequireShares([3], [1], new Sampling { MinP = 1 });
    }

    /// <summary>Of 3/7 and 4/7 the second alone has half; of all four it has not.</summary>
    [Fact]
    public void Top_p_is_of_what_top_k_leaves()
    {
        RequireShares([3], [1], new Sampling { TopK = 2, TopP = 0.5 });
        RequireShares([2, 3], [3, 4], new Sampling { TopP = 0.5 });
    }

    /// <summary>T = 1/2 makes 16/30 of 0.4, which is more than one half.</summary>
    [Fact]
    public void Temperature_comes_before_top_p() => RequireShares([3], [1], new Sampling { Temperature = 0.5, TopP = 0.5 });

    [Fact]
    public void Limits_that_exclude_nothing_change_nothing()
    {
        var none = TokenDistribution.Of(Tenths, new Sampling());
        var all = TokenDistribution.Of(Tenths, new Sampling { TopK = 4, TopP = 1, MinP = 0 });
        var more = TokenDistribution.Of(Tenths, new Sampling { TopK = 1000 });
        Assert.Equal(none.Ids, all.Ids);
        Assert.Equal(none.Weights, all.Weights);
        Assert.Equal(none.Weights, more.Weights);
    }

    [Fact]
    public void A_temperature_near_zero_leaves_the_likeliest_alone()
    {
        var found = TokenDistribution.Of([0.5f, 0.75f, -3], new Sampling { Temperature = 1e-6 });
        Assert.Equal((double[])[0, 1, 0], found.Probabilities());
    }

    [Fact]
    public void Equal_logits_are_equally_likely()
    {
        var found = TokenDistribution.Of([-7, -7, -7, -7, -7], new Sampling { Temperature = 0.3, TopP = 0.99 });
        Assert.All(found.Probabilities(), p => Assert.Equal(0.2, p, 1e-15));
    }

    [Fact]
    public void A_token_that_is_masked_never_stays()
    {
        float[] masked = [float.NegativeInfinity, 1, float.NegativeInfinity, 0];
        foreach (var sampling in (Sampling[])[new(), new() { TopK = 3 }, new() { TopP = 0.999 }, new() { MinP = 1e-9, Temperature = 50 }])
        {
            Assert.Equal([1, 3], TokenDistribution.Of(masked, sampling).Ids);
        }
    }

    [Fact]
    public void What_is_added_to_all_logits_changes_nothing()
    {
        float[] logits = [1.5f, -2.25f, 0.75f, 3];
        var sampling = new Sampling { Temperature = 0.7, TopP = 0.9 };
        var (one, other) = (TokenDistribution.Of(logits, sampling), TokenDistribution.Of([.. logits.Select(l => l + 64)], sampling));
        Assert.Equal(one.Ids, other.Ids);
        Assert.Equal(one.Weights, other.Weights);
    }

    /// <summary>
    /// The definitions, each over all tokens and in another way: a token stays where fewer than k are likelier, where those before it in
    /// the order do not reach p, and where it has its share of the likeliest.
    /// </summary>
    [Fact]
    public void It_is_what_the_definitions_say()
    {
        var random = new Random(7);
        for (var trial = 0; trial < 400; trial++)
        {
            // A grid of halves, so that many are equal.
            float[] logits = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ =>
                random.Next(10) == 0 ? float.NegativeInfinity : random.Next(-12, 12) / 2f)];
            logits[random.Next(logits.Length)] = 6.5f;
            var sampling = new Sampling
            {
                Temperature = 0.2 + (2 * random.NextDouble()),
                TopK = random.Next(2) == 0 ? null : random.Next(1, 45),
                TopP = random.Next(3) == 0 ? 1 : random.NextDouble(),
                MinP = random.Next(2) == 0 ? 0 : random.NextDouble() / 4,
            };
            var expected = Defined(logits, sampling);
            var found = TokenDistribution.Of(logits, sampling);
            Assert.Equal(expected.Keys.Order(), found.Ids);
            Assert.All(found.Ids.Zip(found.Probabilities()), p => Assert.Equal(expected[p.First], p.Second, 1e-12));
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_no_number_is_refused(float logit)
    {
        var refused = Assert.Throws<InvalidDataException>(() => TokenDistribution.Of([1, logit, 2], new Sampling()));
        Assert.StartsWith("The logit of token 1 is ", refused.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => GreedyDecoding.Likeliest([1, logit, 2]));
    }

    [Fact]
    public void No_token_is_no_distribution() =>
        Assert.Throws<InvalidDataException>(
            () => TokenDistribution.Of([float.NegativeInfinity, float.NegativeInfinity], new Sampling { TopK = 1 }));

    /// <summary>2 / 2, −2 · 2, 0 / 2; the last is not named.</summary>
    [Fact]
    public void A_penalty_divides_above_zero_and_multiplies_below()
    {
        float[] logits = [2, -2, 0, 5];
        TokenDistribution.Penalize(logits, [0, 1, 2], 2);
        Assert.Equal((float[])[1, -4, 0, 5], logits);
    }

    public static TheoryData<Sampling> OutOfRange =>
    [
        new Sampling { Temperature = 0 }, new Sampling { Temperature = -1 }, new Sampling { Temperature = double.NaN },
        new Sampling { Temperature = double.PositiveInfinity }, new Sampling { TopK = 0 }, new Sampling { TopK = -1 },
        new Sampling { TopP = -0.1 }, new Sampling { TopP = 1.1 }, new Sampling { TopP = double.NaN }, new Sampling { MinP = -0.1 },
        new Sampling { MinP = 1.5 }, new Sampling { MinP = double.NaN },
    ];

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Numbers_outside_their_ranges_are_refused(Sampling sampling) =>
        Assert.Throws<ArgumentOutOfRangeException>(sampling.RequireValid);

    static Dictionary<int, double> Defined(float[] logits, Sampling sampling)
    {
        var alive = Enumerable.Range(0, logits.Length).Where(i => !float.IsNegativeInfinity(logits[i])).ToList();
        if (sampling.TopK is { } k)
        {
            alive = [.. alive.Where(i => logits.Count(other => other > logits[i]) < k)];
        }

        var p = Softmax(alive);
        var before = alive.ToDictionary(i => i, i => alive.Where(j => p[j] > p[i] || (p[j] == p[i] && j < i)).Sum(j => p[j]));
        if (sampling.TopP < 1)
        {
            alive = [.. alive.Where(i => before[i] == 0 || before[i] < sampling.TopP)];
        }

        alive = [.. alive.Where(i => p[i] >= sampling.MinP * p.Values.Max())];
        return Softmax(alive);

        Dictionary<int, double> Softmax(List<int> tokens)
        {
            var powers = tokens.ToDictionary(i => i, i => Math.Exp(logits[i] / sampling.Temperature));
            var sum = powers.Values.Sum();
            return powers.ToDictionary(power => power.Key, power => power.Value / sum);
        }
    }

    static void RequireShares(int[] ids, double[] shares, Sampling sampling)
    {
        var found = TokenDistribution.Of(Tenths, sampling);
        Assert.Equal(ids, found.Ids);
        // The logits are float32: a relative 6e-8 of ln 4, and at most twice that in a probability.
        Assert.All(found.Probabilities().Zip(shares), p => Assert.Equal(p.Second / shares.Sum(), p.First, 2e-7));
    }
}
