using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>What a model and an objective say of each summand of held-out rows: of each pair, or of each row.</summary>
/// <param name="Terms">The summands, longest rows first.</param>
/// <param name="Traits">What the objective is like.</param>
public sealed record HeldOutScores(IReadOnlyList<HeldOutTerm> Terms, LossTraits Traits);

/// <summary>A pair, or a single completion, of held-out rows.</summary>
/// <param name="Scored">The row and its log-probabilities.</param>
/// <param name="Reward">
/// Of the chosen or only completion, as the objective has it: beta · (policy − reference), or its own form without a reference; null where
/// it has none.
/// </param>
/// <param name="RejectedReward">Of the other completion; null where there is none.</param>
public sealed record HeldOutTerm(ScoredTerm Scored, float? Reward, float? RejectedReward)
{
    /// <summary>What the chosen completion is ahead, in rewards; null where there is no pair of rewards.</summary>
    public double? Margin => (double?)Reward - RejectedReward;

    /// <summary>
    /// Whether the pair counts in <c>rewards/accuracies</c>: the chosen reward is the higher one, and no tie. Null where there is no pair
    /// of rewards.
    /// </summary>
    public bool? IsRight => Reward is { } chosen && RejectedReward is { } rejected
        ? Scored.IsRight(chosen, rejected)
        : null;

    internal static HeldOutScores All(ScoredRows scored, LossValues values, LossTraits traits)
    {
        var (terms, rewards) = (scored.Terms, values.Rewards);
        return new HeldOutScores(
            [.. terms.Select((term, i) => new HeldOutTerm(term, At(i), term.Rejected is null ? null : At(terms.Count + i)))], traits);

        float? At(int place) => place < rewards.Length ? rewards[place] : null;
    }
}
