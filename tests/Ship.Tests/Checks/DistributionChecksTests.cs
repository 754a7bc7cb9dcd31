using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Pipeline.Tests;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;
using OrtDpo.Ship.Checks;

namespace OrtDpo.Ship.Tests.Checks;

/// <summary>Whole distributions of two tiny models, against sums that are written out here.</summary>
public sealed class DistributionChecksTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly ModelFolder policy;
    readonly ModelFolder reference;

    public DistributionChecksTests()
    {
        policy = ModelFolder.Open(TinyModel.Write(folder.File("policy"), seed: 1));
        reference = ModelFolder.Open(TinyModel.Write(folder.File("reference"), seed: 2));
    }

    public void Dispose()
    {
        policy.Dispose();
        reference.Dispose();
        folder.Dispose();
    }

    // The log-probability of token v behind a prefix is that of a completion of this one token: a scorer says it without any distribution.
    [Fact]
    public void The_divergence_is_the_sum_over_the_vocabulary_of_what_scorers_say_of_each_token()
    {
        int[] prompt = [5, 77, 12], completion = [9, 200];
        var checks = Read([new SampledCompletion("a:1", "p", prompt, completion, null), new SampledCompletion("a:2", "q", [3], [4], null)]);
        var places = new[] { prompt, [.. prompt, completion[0]], [3] };
        var expected = places.Sum(prefix =>
        {
            var (own, other) = (Logps(policy, prefix), Logps(reference, prefix));
            return own.Zip(other).Sum(both => Math.Exp(both.First) * (both.First - both.Second));
        }) / 3;
        AssertClose(expected, checks.Kl(1e9).Value!.Value, Tolerances.Float32Graph);
        Assert.Equal(Verdict.Blocked, checks.Kl(0).Verdict);
    }

    [Fact]
    public void A_model_is_not_apart_from_itself()
    {
        SampledCompletion[] sample = [new("a:1", "p", [5, 77], [9, 200], null), new("a:2", "q", [3], [4], null)];
        var checks = new DistributionChecks(sample, TinyModel.Vocabulary);
        checks.ReadPolicy(policy, 1, ChosenDevice.Cpu, new OffloadChoice());
        checks.ReadReference(policy, 1, ChosenDevice.Cpu, new OffloadChoice());
        Assert.Equal((0, Verdict.Passed), (checks.Kl(0).Value!.Value, checks.Kl(0).Verdict));
    }

    [Fact]
    public void A_cache_of_other_numbers_is_found()
    {
        int[] prompt = [5, 77, 12];
        var first = (float)Logps(reference, prompt)[9];
        var right = Read([new SampledCompletion("a:1", "p", prompt, [9], [first])]);
        Assert.Equal(Verdict.Passed, right.Reference(new string('0', 64), LogpTolerance.Float32).Verdict);
        foreach (var wrong in new[] { first + 0.01f, float.NaN })
        {
            // A row that is right behind it does not hide it.
            var found = Read(
                [
                    new SampledCompletion("a:1", "p", prompt, [9], [wrong]), new SampledCompletion("a:2", "p", prompt, [9], [first]),
                ])
                .Reference(new string('0', 64), LogpTolerance.Float32);
            Assert.Equal(Verdict.Blocked, found.Verdict);
            Assert.StartsWith("The reference says of a:1 what is ", found.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_reference_of_another_vocabulary_is_refused()
    {
        var checks = new DistributionChecks([new("a:1", "p", [5], [9], null)], vocabulary: 7);
        Assert.Contains(
            $"has a vocabulary of {TinyModel.Vocabulary} tokens, and the policy one of 7",
            Assert.Throws<InvalidDataException>(() => checks.ReadReference(reference, 1, ChosenDevice.Cpu, new OffloadChoice())).Message,
            StringComparison.Ordinal);
    }

    DistributionChecks Read(IReadOnlyList<SampledCompletion> sample)
    {
        var checks = new DistributionChecks(sample, TinyModel.Vocabulary);
        checks.ReadPolicy(policy, 1, ChosenDevice.Cpu, new OffloadChoice());
        checks.ReadReference(reference, 1, ChosenDevice.Cpu, new OffloadChoice());
        return checks;
    }

    static double[] Logps(ModelFolder model, int[] prefix)
    {
        using var scorer = DecoderScorer.Of(model, threads: 1);
        return
        [
            .. Enumerable.Range(0, TinyModel.Vocabulary)
                .Select(token => (double)scorer.Score(ExamplePacking.Pack([Example.Unjudged(prefix, [token])]))[0]),
        ];
    }
}
