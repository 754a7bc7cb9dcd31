using System.Globalization;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Models;
using OrtDpo.Ship.Statistics;

namespace OrtDpo.Ship.Checks;

/// <summary>
/// The next-token distributions of policy and reference along chosen completions. The policy runs first and leaves its numbers, so that one
/// model is in memory at a time. In float32, whatever the run computed in.
/// </summary>
/// <param name="sample">The completions.</param>
/// <param name="vocabulary">Tokens that a distribution is over.</param>
sealed class DistributionChecks(IReadOnlyList<SampledCompletion> sample, int vocabulary)
{
    readonly float[][] policy = new float[sample.Count][];
    readonly double[] divergences = new double[sample.Count];
    // Of the reference's log-probabilities from what the cache has.
    (double Distance, string Row) farthest;
    bool isCompared;

    int Tokens => sample.Sum(one => one.Completion.Length);

    /// <summary>Keeps what the policy says.</summary>
    public void ReadPolicy(ModelFolder model, int threads, ChosenDevice device, OffloadChoice offload) =>
        Read(model, threads, device, offload, (i, logits) => policy[i] = Divergence.LogSoftmax(logits, vocabulary));

    /// <summary>Compares what the reference says, with the policy where that was read, and with the cache where there is one.</summary>
    /// <exception cref="InvalidDataException">The reference has another vocabulary.</exception>
    public void ReadReference(ModelFolder model, int threads, ChosenDevice device, OffloadChoice offload)
    {
        if (model.Model.Sizes.VocabSize != vocabulary)
        {
            throw new InvalidDataException($"{model.Path} has a vocabulary of {model.Model.Sizes.VocabSize} tokens, and the policy one of "
                + $"{vocabulary}: their distributions are over different things.");
        }

        Read(model, threads, device, offload, (i, logits) =>
        {
            var reference = Divergence.LogSoftmax(logits, vocabulary);
            var completion = sample[i];
            for (var t = 0; t < completion.Completion.Length; t++)
            {
                var row = reference.AsSpan(t * vocabulary, vocabulary);
                divergences[i] += policy[i] is { } own ? Divergence.Kl(own.AsSpan(t * vocabulary, vocabulary), row) : 0;
                var distance = completion.Cached is { } cached ? Math.Abs(row[completion.Completion[t]] - (double)cached[t]) : 0;
                // NaN counts as the farthest, and stays so.
                if (!double.IsNaN(farthest.Distance) && !(distance <= farthest.Distance))
                {
                    farthest = (distance, completion.Row);
                }
            }

            // Not needed any more, and large.
            policy[i] = null!;
        });
        isCompared = true;
    }

    /// <summary>Whether the reference is the one that the cache was made with, by what it says.</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="tolerance">How far numbers may lie apart; null: there is no cache.</param>
    public ReleaseCheck Reference(string digest, LogpTolerance? tolerance)
    {
        var found = $"digest {digest[..12]}… as in the run";
        if (tolerance is null || !isCompared)
        {
            return new("reference", Verdict.Passed) { Found = found, Threshold = "required" };
        }

        var holds = farthest.Distance <= tolerance.Token;
        return new("reference", holds ? Verdict.Passed : Verdict.Blocked)
        {
            Found = Text($"{found}; {Tokens} tokens within {Judged.Number(farthest.Distance)} nats of the cache"),
            Threshold = $"at most {Judged.Number(tolerance.Token)}",
            Value = double.IsFinite(farthest.Distance) ? farthest.Distance : null,
            Limit = tolerance.Token,
            Reason = holds ? null : $"The reference says of {farthest.Row} what is {Judged.Number(farthest.Distance)} nats from the "
                + $"cache, and numbers of the same model may be {Judged.Number(tolerance.Token)} apart: the cache is not of these "
                + "weights. Run precompute and train again.",
        };
    }

    /// <summary>The mean of KL(policy || reference) over all places of the completions.</summary>
    public ReleaseCheck Kl(double atMost)
    {
        var found = Clustered.Mean([.. sample.Select((one, i) => (one.PromptText, divergences[i], (double)one.Completion.Length))]);
        return Judged.AtMost(
            "kl", found, atMost, Text($"{Judged.Text(found)} nats a token, {Tokens} tokens of {sample.Count} completions"),
            $"The policy is {Judged.Number(found.Estimate)} nats a token from the reference");
    }

    void Read(ModelFolder model, int threads, ChosenDevice device, OffloadChoice offload, Action<int, float[]> read) =>
        CompletionLogits.Read(model, [.. sample.Select(one => (one.Prompt, one.Completion))], threads, device, offload, read);

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
