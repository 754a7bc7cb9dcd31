using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>Rows and what the policy says of them, in the layout of the loss.</summary>
public sealed class ScoredRows
{
    readonly LossTraits traits;
    readonly List<ScoredTerm> terms = [];
    readonly List<Divergence> divergences = [];

    /// <summary>No rows yet, for an objective of these traits.</summary>
    public ScoredRows(LossTraits traits) => this.traits = traits;

    /// <summary>The summands of the loss: the rows' pairs, or the rows.</summary>
    public IReadOnlyList<ScoredTerm> Terms => terms;

    /// <summary>
    /// What policy and reference say of each completion of the rows, once; none of rows without a reference.
    /// </summary>
    public IReadOnlyList<Divergence> Divergences => divergences;

    /// <summary>Adds a micro-batch with its log-probabilities, <c>[R, T]</c>.</summary>
    public void Add(MicroBatch micro, float[] tokenLogps) => Add(micro, new TokenScores(tokenLogps, AreLikeliest: null));

    /// <summary>Adds a micro-batch with what the policy says of its tokens.</summary>
    public void Add(MicroBatch micro, TokenScores scores)
    {
        var width = micro.Packed.CompletionWidth;
        foreach (var (row, first) in micro.Placed())
        {
            for (var k = 0; k < row.Reference?.Count; k++)
            {
                divergences.Add(Divergence.Of(
                    scores.Logps.AsSpan((first + k) * width, row.Tokens.Completions[k].Length), row.Reference[k]));
            }

            if (row.Tokens.Known.Pairs.Count == 0)
            {
                terms.Add(new ScoredTerm(row, Of(0, int.MaxValue), null));
            }

            foreach (var pair in row.Tokens.Known.Pairs)
            {
                var shared = TokenWeights.Shared(row.Tokens, pair);
                terms.Add(new ScoredTerm(row, Of(pair.Chosen, shared), Of(pair.Rejected, shared)));
            }

            CompletionScore Of(int completion, int shared)
            {
                var length = row.Tokens.Completions[completion].Length;
                var start = (first + completion) * width;
                return Score(scores.Logps.AsSpan(start, length), row.Reference?[completion], shared) with
                {
                    Likeliest = scores.AreLikeliest?.AsSpan(start, length).Count(true),
                };
            }
        }
    }

    /// <summary>All rows added so far as the loss's inputs.</summary>
    /// <param name="kl">KTO's reference point; 0 for other objectives.</param>
    public LossInputs Inputs(double kl)
    {
        CompletionScore[] rejected = [.. terms.Where(term => term.Rejected is not null).Select(term => term.Rejected!.Value)];
        CompletionScore[] all = [.. terms.Select(term => term.Completion), .. rejected];
        return new LossInputs(
            rejected.Length,
            [.. all.Select(c => c.WeightedLogps)],
            [.. all.Select(c => c.Length)],
            traits.NeedsReference ? [.. all.Select(c => c.RefLogps!.Value)] : [],
            [.. terms.Select(term => term.Row.Tokens.Known).OfType<Judgement.Label>().Select(label => label.IsDesirable ? 1f : 0f)],
            kl);
    }

    /// <summary>Those of the rows' summands that <paramref name="isIn"/> holds for, without what is known of completions alone.</summary>
    internal ScoredRows Part(Func<ScoredTerm, bool> isIn)
    {
        var part = new ScoredRows(traits);
        part.terms.AddRange(terms.Where(isIn));
        return part;
    }

    CompletionScore Score(ReadOnlySpan<float> tokenLogps, CompletionLogps? reference, int shared)
    {
        var sum = LogpSum.Of(tokenLogps);
        var score = traits.LdAlpha == 1 || shared == int.MaxValue
            ? new CompletionScore(tokenLogps.Length, sum, sum, reference?.Sum)
            : new CompletionScore(
                tokenLogps.Length,
                sum,
                TokenWeights.Sum(tokenLogps, shared, traits.LdAlpha),
                reference is null ? null : TokenWeights.Sum(reference.Tokens, shared, traits.LdAlpha));
        return score with { RefSum = reference?.Sum };
    }
}

/// <summary>A summand of the loss: a pair, or the only completion of a row.</summary>
/// <param name="Row">The row that it is of.</param>
/// <param name="Completion">The chosen completion, or the only one.</param>
/// <param name="Rejected">The other completion of a pair; null where there is none.</param>
public readonly record struct ScoredTerm(TrainingRow Row, CompletionScore Completion, CompletionScore? Rejected)
{
    /// <summary>Tokens of the prompt and the longer of its completions.</summary>
    public int Length => Row.Tokens.Prompt.Length + Math.Max(Completion.Length, Rejected?.Length ?? 0);

    /// <summary>Whether a pair counts in <c>rewards/accuracies</c>: the chosen reward is the higher one, and no tie.</summary>
    /// <param name="chosenReward">The chosen completion's reward.</param>
    /// <param name="rejectedReward">The other one's.</param>
    /// <exception cref="InvalidOperationException">The summand is no pair.</exception>
    public bool IsRight(float chosenReward, float rejectedReward) =>
        !IsTie(chosenReward, rejectedReward) && chosenReward > rejectedReward;

    /// <summary>
    /// Whether the margin of a pair says nothing: where policy = reference, float32 still moves a sum by what the step-0 gate allows
    /// (docs/decisions/0006). Without a reference only equal rewards are a tie.
    /// </summary>
    /// <param name="chosenReward">The chosen completion's reward.</param>
    /// <param name="rejectedReward">The other one's.</param>
    /// <exception cref="InvalidOperationException">The summand is no pair.</exception>
    public bool IsTie(float chosenReward, float rejectedReward)
    {
        var rejected = Rejected ?? throw new InvalidOperationException("A single completion has no margin.");
        if (Completion.RefLogps is not { } refChosen || rejected.RefLogps is not { } refRejected)
        {
            return chosenReward == rejectedReward;
        }

        var dpoLogit = (Completion.WeightedLogps - rejected.WeightedLogps) - (refChosen - refRejected);
        return Math.Abs(dpoLogit)
            <= LogpTolerance.Float32.Sequence(Completion.Length) + LogpTolerance.Float32.Sequence(rejected.Length);
    }
}

/// <summary>A completion and what was said of it, in nats.</summary>
/// <param name="Length">Tokens.</param>
/// <param name="Logps">The policy's log-probability.</param>
/// <param name="WeightedLogps">The same with token weights, which is what the loss sees.</param>
/// <param name="RefLogps">The reference's, with token weights; null where there is no reference.</param>
public readonly record struct CompletionScore(int Length, double Logps, double WeightedLogps, double? RefLogps)
{
    /// <summary>The reference's log-probability without token weights; null where there is no reference.</summary>
    public double? RefSum { get; init; }

    /// <summary>How many of its tokens were the likeliest at their place; null where the model's head does not say it.</summary>
    public int? Likeliest { get; init; }
}
