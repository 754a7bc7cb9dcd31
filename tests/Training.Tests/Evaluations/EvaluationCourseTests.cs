namespace OrtDpo.Training.Tests.Evaluations;

public sealed class EvaluationCourseTests
{
    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 0.1)]
    [InlineData(true, 0.1)]
    public void Best_and_patience_are_those_of_hugging_faces_trainer(bool greaterIsBetter, double threshold)
    {
        var random = new Random(17);
        for (var trial = 0; trial < 500; trial++)
        {
            var patience = random.Next(1, 5);
            var course = new EvaluationCourse(new BestMetric("eval_loss", greaterIsBetter), patience, threshold);
            // EarlyStoppingCallback.check_metric_value and Trainer._determine_best_metric, line by line; the callback hears of an
            // evaluation before the trainer notes it as the best.
            double? bestMetric = null;
            var (bestStep, counter) = (0, 0);
            for (var step = 1; step <= 30; step++)
            {
                var value = Math.Round(random.NextDouble(), 1);
                var isBetter = bestMetric is { } best && (greaterIsBetter ? value > best : value < best);
                counter = bestMetric is null || (isBetter && Math.Abs(value - bestMetric.Value) > threshold) ? 0 : counter + 1;
                if (bestMetric is null || isBetter)
                {
                    (bestMetric, bestStep) = (value, step);
                }

                course.Add(step, value);
                Assert.Equal((bestStep, bestMetric.Value), course.Best);
                Assert.Equal(counter, course.WithoutBetter);
                Assert.Equal(counter >= patience, course.IsOver);
            }
        }
    }

    [Fact]
    public void What_stands_before_the_first_step_does_not_count_and_what_is_no_number_is_never_better()
    {
        var course = new EvaluationCourse(new BestMetric("eval_loss", GreaterIsBetter: false), patience: 3, threshold: 0);
        course.Add(0, 0.1);
        Assert.Null(course.Best);
        course.Add(1, double.NaN);
        course.Add(2, 0.5);
        Assert.Equal((2, 0.5), course.Best);
        Assert.Equal(0, course.WithoutBetter);
        course.Add(3, double.NaN);
        course.Add(4, double.NegativeInfinity);
        Assert.Equal((2, 0.5), course.Best);
        Assert.Equal(2, course.WithoutBetter);
        course.Add(5, 0.5);
        Assert.True(course.IsOver);
    }

    [Theory]
    [InlineData(null, "eval_loss", false)]
    [InlineData("loss", "eval_loss", false)]
    [InlineData("eval_nll_loss", "eval_nll_loss", false)]
    [InlineData("eval_perplexity", "eval_perplexity", false)]
    [InlineData("hard_rewards/accuracies", "eval_hard_rewards/accuracies", true)]
    [InlineData("eval_length/17-32/rewards/accuracies", "eval_length/17-32/rewards/accuracies", true)]
    [InlineData("eval_source/a.jsonl/loss", "eval_source/a.jsonl/loss", false)]
    [InlineData("mean_token_accuracy", "eval_mean_token_accuracy", true)]
    public void The_direction_follows_from_the_name_of_a_metric(string? given, string name, bool greaterIsBetter) => Assert.Equal(
        new BestMetric(name, greaterIsBetter), BestMetric.Of(new EvaluationOptions { KeepBest = true, MetricForBest = given }));

    [Fact]
    public void A_name_that_says_no_direction_needs_one()
    {
        var options = new EvaluationOptions { MetricForBest = "eval_kl_k1" };
        var refused = Assert.Throws<ArgumentException>(options.RequireEffect);
        Assert.Contains("Add `GreaterIsBetter`", refused.Message, StringComparison.Ordinal);
        (options with { GreaterIsBetter = false }).RequireEffect();
        Assert.Equal(new BestMetric("eval_kl_k1", false), BestMetric.Of(options with { GreaterIsBetter = false }));
    }

    [Fact]
    public void Options_without_effect_are_refused()
    {
        Refused(new() { GreaterIsBetter = true }, "`GreaterIsBetter` has no effect");
        Refused(new() { EarlyStoppingThreshold = 0.1 }, "`EarlyStoppingThreshold` has no effect");
        Refused(new() { KeepBest = true, EvalStrategy = EvaluationTimes.No }, "`EvalStrategy` is no");
        new EvaluationOptions { EvalStrategy = EvaluationTimes.No }.RequireEffect();

        static void Refused(EvaluationOptions options, string start) =>
            Assert.StartsWith(start, Assert.Throws<ArgumentException>(options.RequireEffect).Message, StringComparison.Ordinal);
    }
}
