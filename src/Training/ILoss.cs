namespace OrtDpo.Training;

/// <summary>
/// An objective as numbers: from log-probabilities of completions to the loss, the rewards, and the loss's derivatives. Implemented by the
/// loss graphs, and by written-out formulas in the tests of the loop.
/// </summary>
public interface ILoss : IDisposable
{
    /// <summary>What the loop has to know.</summary>
    LossTraits Traits { get; }

    /// <summary>Evaluates the objective on some completions of an optimizer step, or on all where it is step-wide.</summary>
    LossValues Evaluate(LossInputs inputs, LossScales scales);
}

/// <summary>
/// What an objective is a function of: the completions of its summands, for pairs the chosen ones first and then the rejected. A completion
/// that is in several pairs stands there as often.
/// </summary>
/// <param name="Pairs">P; 0 for unpaired and supervised rows.</param>
/// <param name="Logps"><c>[R]</c>, the policy's log-probabilities: token-weighted sums, nats.</param>
/// <param name="Lengths"><c>[R]</c>, tokens of each completion, the end-of-sequence token included.</param>
/// <param name="RefLogps"><c>[R]</c>, the reference's, weighted likewise; empty where the objective has no reference.</param>
/// <param name="Labels"><c>[R]</c>, 1 = desirable, 0 = undesirable; empty where rows are not unpaired feedback.</param>
/// <param name="Kl">KTO's reference point, nats; a constant to the gradient.</param>
public sealed record LossInputs(int Pairs, double[] Logps, int[] Lengths, double[] RefLogps, float[] Labels, double Kl);

/// <summary>By what sums become means: over the optimizer step (or all held-out rows), whatever part of it is evaluated.</summary>
/// <param name="Rows">1 / summands of the step: its pairs, or its rows.</param>
/// <param name="Tokens">1 / tokens of the step's completions, of the chosen ones for pairs.</param>
public readonly record struct LossScales(double Rows, double Tokens)
{
    /// <summary>The scales of <paramref name="rows"/>, all of a step.</summary>
    public static LossScales Of(IReadOnlyCollection<TrainingRow> rows) =>
        new(1.0 / rows.Sum(r => r.Terms), 1.0 / rows.Sum(r => r.ChosenTokens));
}

/// <summary>What an objective says.</summary>
/// <param name="Loss">The scaled loss: over the parts of a step these add up to the step's.</param>
/// <param name="Rewards"><c>[R]</c>, beta × (policy − reference); empty for supervised rows.</param>
/// <param name="Slopes"><c>[R]</c>, the derivatives of <paramref name="Loss"/> by the policy's log-probabilities.</param>
public sealed record LossValues(double Loss, float[] Rewards, float[] Slopes);
