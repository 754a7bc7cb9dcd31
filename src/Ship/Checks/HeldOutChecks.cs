using System.Globalization;
using OrtDpo.Batches;
using OrtDpo.Ship.Statistics;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.Ship.Checks;

/// <summary>What the policy's log-probabilities of held-out rows come to, beside those of the model that it is compared with.</summary>
/// <param name="policy">What the policy says.</param>
/// <param name="start">
/// What the model says that training started from, of the same rows in the same order; null: the rows have what a reference said.
/// </param>
sealed class HeldOutChecks(HeldOutScores policy, HeldOutScores? start)
{
    // Desirable completions, of unpaired feedback; of pairs every term has one.
    readonly List<Liked> liked =
    [
        .. policy.Terms.Select((term, i) => (Term: term, Start: start?.Terms[i].Scored.Completion.Logps))
            .Where(both => both.Term.Scored.Row.Tokens.Known is not Judgement.Label { IsDesirable: false })
            .Select(both => new Liked(
                PromptOf(both.Term.Scored.Row), both.Term.Scored.Completion.Length, both.Term.Scored.Completion.Logps,
                both.Term.Scored.Completion.RefSum ?? both.Start, both.Term.Reward)),
    ];

    /// <summary>Rows of one prompt have the same text.</summary>
    public static string PromptOf(TrainingRow row) => string.Join(' ', row.Tokens.Prompt);

    /// <summary>The share of pairs whose chosen reward is the higher one.</summary>
    public ReleaseCheck Accuracy(double above)
    {
        if (policy.Traits.Rows != RowKind.Pair)
        {
            return Judged.NotApplicable("accuracy", "The rows are no pairs, so that nothing is preferred to something.");
        }

        if (policy.Terms.Any(term => term.IsRight is null))
        {
            return Judged.NotApplicable("accuracy", "The run's objective gives no rewards.");
        }

        var found = Clustered.Share([.. policy.Terms.Select(term => (PromptOf(term.Scored.Row), term.IsRight!.Value))]);
        return Judged.Above(
            "accuracy", found, above, Text($"{Judged.Text(found)} of {policy.Terms.Count} pairs"),
            $"The chosen reward is the higher one in {Judged.Number(found.Estimate)} of the held-out pairs");
    }

    /// <summary>What chosen rewards are ahead of rejected ones, on average; of unpaired feedback desirable ones of undesirable.</summary>
    public ReleaseCheck Margin(double above)
    {
        if (policy.Traits.Rows == RowKind.Supervised || policy.Terms.Any(term => term.Reward is null))
        {
            return Judged.NotApplicable("margin", "The run's objective gives no rewards.");
        }

        if (policy.Traits.Rows == RowKind.Pair)
        {
            var pairs = Clustered.Mean([.. policy.Terms.Select(term => (PromptOf(term.Scored.Row), term.Margin!.Value, 1.0))]);
            return Judged.Above(
                "margin", pairs, above, Judged.Text(pairs),
                $"The reward of chosen completions is {Judged.Number(pairs.Estimate)} above that of rejected ones on average");
        }

        var labelled = policy.Terms.Select(term => (
            PromptOf(term.Scored.Row), (double)term.Reward!.Value,
            term.Scored.Row.Tokens.Known is Judgement.Label { IsDesirable: true })).ToList();
        if (labelled.DistinctBy(row => row.Item3).Count() < 2)
        {
            return Judged.Not("margin", "The held-out rows have one label only. Hold out rows of both.");
        }

        var found = Clustered.Difference(labelled);
        return Judged.Above(
            "margin", found, above, Text($"{Judged.Text(found)}, desirable against undesirable"),
            $"The reward of desirable completions is {Judged.Number(found.Estimate)} above that of undesirable ones on average");
    }

    /// <summary>
    /// How far the log-probability of chosen completions fell below the reference's, per token, each completion the same: what is called
    /// likelihood displacement (arXiv:2410.08847).
    /// </summary>
    public ReleaseCheck ChosenFall(double atMost)
    {
        if (policy.Traits.Rows == RowKind.Supervised)
        {
            return Judged.NotApplicable(
                "chosen_fall", "Supervised training has no chosen rewards; perplexity says what became of its rows.");
        }

        if (Unknown("chosen_fall") is { } unknown)
        {
            return unknown;
        }

        var found = Clustered.Mean([.. liked.Select(one => (one.Prompt, (one.Reference!.Value - one.Logps) / one.Length, 1.0))]);
        var reward = liked.All(one => one.Reward is not null)
            ? $", reward {Judged.Number(liked.Average(one => one.Reward!.Value))}"
            : "";
        return Judged.AtMost(
            "chosen_fall", found, atMost, $"{Judged.Text(found)} nats a token{reward}",
            $"The log-probability of chosen completions fell by {Judged.Number(found.Estimate)} nats a token on average");
    }

    /// <summary>The policy's perplexity of chosen completions beside the reference's, all tokens the same.</summary>
    public ReleaseCheck Perplexity(double atMost)
    {
        if (Unknown("perplexity") is { } unknown)
        {
            return unknown;
        }

        var found = Clustered.Mean([.. liked.Select(one => (one.Prompt, one.Reference!.Value - one.Logps, (double)one.Length))])
            .Through(Math.Exp);
        var tokens = liked.Sum(one => (double)one.Length);
        var (own, others) = (
            Math.Exp(-liked.Sum(one => one.Logps) / tokens), Math.Exp(-liked.Sum(one => one.Reference!.Value) / tokens));
        return Judged.AtMost(
            "perplexity", found, atMost, $"{Judged.Text(found)}, {Judged.Number(own)} against {Judged.Number(others)}",
            $"The perplexity of chosen completions is {Judged.Number(found.Estimate)} times the reference's");
    }

    ReleaseCheck? Unknown(string name) => liked.Count == 0
        ? Judged.Not(name, "No held-out row is desirable. Hold out some.")
        : liked.Any(one => one.Reference is null)
            ? Judged.Not(name, "What the reference says of the rows is not known.")
            : null;

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    readonly record struct Liked(string Prompt, int Length, double Logps, double? Reference, float? Reward);
}
