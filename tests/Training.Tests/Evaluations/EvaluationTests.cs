using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Training.Tests.Evaluations;

/// <summary>What an evaluation says, against sums over tokens written out here, of a model that has moved from its reference.</summary>
public sealed class EvaluationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(null)]
    public void Divergences_perplexity_and_token_accuracy_are_sums_over_tokens_in_double(int? microPairs)
    {
        using var engine = Moved();
        var rows = TrainingRows.Pairs(11, "eval.jsonl");
        var line = Score(engine, FormulaLoss.Sigmoid(), rows, microPairs);

        var (k1, k3, perToken, nll, right, tokens) = (0.0, 0.0, 0.0, 0.0, 0, 0);
        foreach (var row in rows)
        {
            for (var k = 0; k < 2; k++)
            {
                var policy = engine.TokenLogps(row.Tokens.Prompt, row.Tokens.Completions[k]);
                var reference = row.Reference![k].Tokens;
                var ratios = policy.Zip(reference, (p, r) => (double)p - r).ToList();
                k1 += ratios.Sum();
                perToken += ratios.Average();
                // r − 1 − log r, of r = e^−ratio.
                k3 += ratios.Sum(ratio => Math.Exp(-ratio) - 1 + ratio);
            }

            nll -= engine.TokenLogps(row.Tokens.Prompt, row.Tokens.Completions[0]).Sum(l => (double)l);
            right += Right(engine, row.Tokens.Prompt, row.Tokens.Completions[0]);
            tokens += row.Tokens.Completions[0].Length;
        }

        AssertClose(k1 / 22, line["eval_kl_k1"], Tolerances.Float64);
        AssertClose(k3 / 22, line["eval_kl_k3"], Tolerances.Float64);
        AssertClose(perToken / 22, line["eval_mean_log_ratio"], Tolerances.Float64);
        AssertClose(Math.Exp(nll / tokens), line["eval_perplexity"], Tolerances.Float64);
        AssertClose((double)right / tokens, line["eval_mean_token_accuracy"], Tolerances.Float64);
        Assert.InRange(line["eval_mean_token_accuracy"], 0.05, 0.95);
        Assert.True(line["eval_kl_k3"] > 0.01);
    }

    [Fact]
    public void Where_the_policy_is_the_reference_every_divergence_is_zero_and_no_length_bias_is_told()
    {
        using var engine = TrainingRows.Engine();
        var line = Score(engine, FormulaLoss.Sigmoid(), TrainingRows.Pairs(9));
        Assert.Equal(0, line["eval_kl_k1"]);
        Assert.Equal(0, line["eval_kl_k3"]);
        Assert.Equal(0, line["eval_mean_log_ratio"]);
        Assert.Null(line.Find("eval_length_bias"));
    }

    [Fact]
    public void A_completion_of_several_pairs_counts_once_in_the_divergence_and_as_often_in_the_perplexity_as_it_is_chosen()
    {
        using var engine = Moved();
        int[][] completions = [[2, 4], [1], [3, 5, 7]];
        int[] prompt = [1, 0];
        using var reference = TrainingRows.Engine();
        var row = new TrainingRow(
            ["a", "b"],
            new Example(prompt, completions, new Judgement.Preference([new CompletionPair(0, 1), new CompletionPair(0, 2)])),
            [.. completions.Select(c => CompletionLogps.Of(reference.TokenLogps(prompt, c)))],
            "rows",
            1);
        var line = Score(engine, FormulaLoss.Sigmoid(), [row]);
        var sums = completions.Select((c, k) => engine.TokenLogps(prompt, c).Sum(l => (double)l) - row.Reference![k].Sum).ToList();
        AssertClose(sums.Average(), line["eval_kl_k1"], Tolerances.Float64);
        // Twice over the same two tokens.
        AssertClose(
            Math.Exp(-engine.TokenLogps(prompt, completions[0]).Average(l => (double)l)), line["eval_perplexity"], Tolerances.Float64);
    }

    [Fact]
    public void Rows_to_imitate_have_a_perplexity_that_is_the_exponential_of_their_loss_and_no_divergence()
    {
        using var engine = Moved();
        var line = Score(engine, FormulaLoss.Supervised(), TrainingRows.Supervised(7));
        AssertClose(Math.Exp(line["eval_loss"]), line["eval_perplexity"], Tolerances.Float64);
        Assert.Null(line.Find("eval_kl_k1"));
        Assert.Null(line.Find("eval_mean_log_ratio"));
    }

    [Fact]
    public void A_head_that_does_not_say_which_tokens_are_likeliest_has_no_token_accuracy()
    {
        using var engine = new BigramEngine(TrainingRows.Vocabulary) { TellsLikeliest = false };
        var line = Score(engine, FormulaLoss.Sigmoid(), TrainingRows.Pairs(5));
        Assert.Null(line.Find("eval_mean_token_accuracy"));
        Assert.NotNull(line.Find("eval_perplexity"));
    }

    [Fact]
    public void Undesirable_completions_are_not_to_be_predicted_and_count_in_no_perplexity()
    {
        using var engine = Moved();
        var traits = new LossTraits { Rows = RowKind.Unpaired, NeedsReference = true, Beta = TrainingRows.Beta };
        var rows = TrainingRows.Pairs(6).SelectMany((row, i) => new[] { Judged(row, 0), Judged(row, 1) }).ToArray();
        var line = Score(engine, new RewardsAlone(traits), rows);
        var chosen = TrainingRows.Pairs(6)
            .SelectMany(row => engine.TokenLogps(row.Tokens.Prompt, row.Tokens.Completions[0])).Average(l => (double)l);
        AssertClose(Math.Exp(-chosen), line["eval_perplexity"], Tolerances.Float64);
        Assert.NotNull(line.Find("eval_kl_k3"));
    }

    [Fact]
    public void Parts_by_length_and_source_count_what_lies_in_them()
    {
        using var engine = Moved();
        // Of 12 to 16 tokens of the first file, and of 24 to 60 of the second.
        TrainingRow[] rows = [.. Long(6, 12, "a.jsonl"), .. Long(5, 24, "b.jsonl"), .. Long(2, 60, "b.jsonl")];
        var loss = FormulaLoss.Sigmoid();
        var line = Score(engine, loss, rows);
        Assert.Equal(
            ["eval_length/1-16/pairs", "eval_length/17-32/pairs", "eval_length/33-64/pairs", "eval_source/a.jsonl/pairs",
                "eval_source/b.jsonl/pairs"],
            line.Values.Select(v => v.Key).Where(name => name.EndsWith("/pairs", StringComparison.Ordinal)));
        Assert.Equal(6, line["eval_length/1-16/pairs"]);
        Assert.Equal(5, line["eval_length/17-32/pairs"]);
        Assert.Equal(2, line["eval_length/33-64/pairs"]);
        Assert.Equal(7, line["eval_source/b.jsonl/pairs"]);
        // Each part is what an evaluation of it alone says.
        foreach (var (name, part) in new[] { ("length/1-16", rows[..6]), ("length/33-64", rows[11..]), ("source/b.jsonl", rows[6..]) })
        {
            Assert.Equal(Score(engine, loss, part)["eval_rewards/accuracies"], line[$"eval_{name}/rewards/accuracies"]);
        }

        var one = Score(engine, loss, rows[..6]);
        Assert.DoesNotContain(one.Values, v => v.Key.Contains("length/", StringComparison.Ordinal)
            || v.Key.Contains("source/", StringComparison.Ordinal));
    }

    [Fact]
    public void Parts_of_rows_that_are_no_pairs_have_the_loss_of_an_evaluation_of_them_alone()
    {
        using var engine = Moved();
        TrainingRow[] rows =
        [
            .. Long(4, 12, "a.jsonl").Concat(Long(3, 24, "b.jsonl"))
                .Select(r => r with { Tokens = Example.Unjudged(r.Tokens.Prompt, r.Tokens.Completions[0]), Reference = null }),
        ];
        var loss = FormulaLoss.Supervised();
        var line = Score(engine, loss, rows);
        AssertClose(Score(engine, loss, rows[..4])["eval_loss"], line["eval_source/a.jsonl/loss"], Tolerances.Float64);
        AssertClose(Score(engine, loss, rows[4..])["eval_loss"], line["eval_length/17-32/loss"], Tolerances.Float64);
        Assert.Equal(4, line["eval_source/a.jsonl/rows"]);
    }

    [Theory]
    [InlineData(1, "1-16")]
    [InlineData(16, "1-16")]
    [InlineData(17, "17-32")]
    [InlineData(32, "17-32")]
    [InlineData(33, "33-64")]
    [InlineData(1024, "513-1024")]
    [InlineData(1025, "1025-2048")]
    public void A_bucket_ends_at_a_power_of_two(int tokens, string name) => Assert.Equal(name, LengthBucket.Of(tokens).Name);

    [Fact]
    public void The_length_bias_is_the_correlation_of_margin_and_length()
    {
        // Deviations −1, 0, 1 and −2, 1, 1: r = 3 / √(2 · 6).
        AssertClose(3 / Math.Sqrt(12), LengthBias.Correlation([1, 2, 3], [0, 3, 3])!.Value, Tolerances.Float64);
        Assert.Null(LengthBias.Correlation([1, 1, 1], [0, 3, 3]));

        using var engine = Moved();
        var rows = TrainingRows.Pairs(11);
        double[] margins = [.. rows.Select(row => Ratio(engine, row, 0) - Ratio(engine, row, 1))];
        double[] lengths = [.. rows.Select(row => (double)row.Tokens.Completions[0].Length - row.Tokens.Completions[1].Length)];
        var (m, l) = (margins.Average(), lengths.Average());
        var expected = margins.Zip(lengths, (x, y) => (x - m) * (y - l)).Sum()
            / Math.Sqrt(margins.Sum(x => (x - m) * (x - m)) * lengths.Sum(y => (y - l) * (y - l)));
        // Rewards are float32.
        AssertClose(expected, Score(engine, FormulaLoss.Sigmoid(), rows)["eval_length_bias"], Tolerances.Float32);
    }

    [Fact]
    public void Each_named_set_is_an_evaluation_of_its_own_beside_the_rows_without_a_name()
    {
        using var engine = Moved();
        var loss = FormulaLoss.Sigmoid();
        var plain = TrainingRows.Pairs(5);
        TrainingRow[] easy = [.. TrainingRows.Pairs(8)[5..].Select(row => row with { Set = "easy" })];
        TrainingRow[] hard = [.. TrainingRows.Pairs(11)[8..].Select(row => row with { Set = "hard" })];
        // Whatever order they lie in.
        var line = Score(engine, loss, [hard[0], .. plain, .. easy, .. hard[1..]]);
        foreach (var (prefix, rows) in new[] { ("eval_", plain), ("eval_easy_", easy), ("eval_hard_", hard) })
        {
            foreach (var (name, value) in Score(engine, loss, [.. rows.Select(row => row with { Set = null })]).Values)
            {
                AssertClose(value, line[prefix + name["eval_".Length..]], Tolerances.Float64);
            }
        }

        Assert.Null(Score(engine, loss, easy).Find("eval_loss"));
    }

    static MetricsLine Score(BigramEngine engine, ILoss loss, TrainingRow[] rows, int? microPairs = null) =>
        Evaluation.Score(engine, loss, rows, microPairs, new MetricsLine());

    // Ten steps away from the reference.
    static BigramEngine Moved()
    {
        using var trial = new RunTrial();
        var engine = TrainingRows.Engine();
        trial.Run(engine);
        return engine;
    }

    static double Ratio(BigramEngine engine, TrainingRow row, int completion) =>
        engine.TokenLogps(row.Tokens.Prompt, row.Tokens.Completions[completion]).Sum(l => (double)l) - row.Reference![completion].Sum;

    // Tokens whose logit no other in the row of the table exceeds.
    static int Right(BigramEngine engine, int[] prompt, int[] completion)
    {
        int[] all = [.. prompt, .. completion];
        var weights = engine.Weights.ToArray();
        return Enumerable.Range(prompt.Length, completion.Length).Count(t =>
        {
            var row = weights.AsSpan(all[t - 1] * TrainingRows.Vocabulary, TrainingRows.Vocabulary).ToArray();
            return row[all[t]] == row.Max();
        });
    }

    static TrainingRow Judged(TrainingRow row, int completion) => row with
    {
        Tokens = Example.Labelled(row.Tokens.Prompt, row.Tokens.Completions[completion], completion == 0),
        Reference = [row.Reference![completion]],
    };

    // Prompts so long that prompt and longer completion have at least so many tokens, and at most four more.
    static TrainingRow[] Long(int count, int tokens, string source)
    {
        using var reference = TrainingRows.Engine();
        return
        [
            .. TrainingRows.Pairs(count, source).Select(row =>
            {
                int[] prompt = [1, .. Enumerable.Range(0, tokens - 2).Select(t => t % TrainingRows.Vocabulary)];
                var completions = row.Tokens.Completions;
                return row with
                {
                    Tokens = Example.Pair(prompt, completions[0], completions[1]),
                    Reference = [.. completions.Select(c => CompletionLogps.Of(reference.TokenLogps(prompt, c)))],
                };
            }),
        ];
    }

    /// <summary>Rewards and nothing else.</summary>
    sealed class RewardsAlone(LossTraits traits) : ILoss
    {
        public LossTraits Traits => traits;

        public LossValues Evaluate(LossInputs inputs, LossScales scales) =>
            new(0, [.. inputs.Logps.Zip(inputs.RefLogps, (p, r) => (float)(traits.Beta * (p - r)))], new float[inputs.Logps.Length]);

        public void Dispose()
        {
        }
    }
}
