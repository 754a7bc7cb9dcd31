using OrtDpo.Batches;

namespace OrtDpo.Training.Tests;

/// <summary>The sigmoid DPO loss, or token cross-entropy for rows that are no pairs, with their derivatives written out.</summary>
sealed class FormulaLoss : ILoss
{
    readonly float rewardFault;

    FormulaLoss(LossTraits traits, float rewardFault = 1)
    {
        Traits = traits;
        this.rewardFault = rewardFault;
    }

    public LossTraits Traits { get; }

    /// <summary>The sigmoid loss, with rewards that are <paramref name="rewardFault"/> times the right ones.</summary>
    public static FormulaLoss Sigmoid(float rewardFault = 1) =>
        new(new() { Rows = RowKind.Pair, NeedsReference = true, Beta = TrainingRows.Beta, BaseLoss = Math.Log(2) }, rewardFault);

    public static FormulaLoss Supervised() => new(new() { Rows = RowKind.Supervised, NeedsReference = false });

    public static FormulaLoss Of(LossTraits traits) => new(traits);

    public LossValues Evaluate(LossInputs inputs, LossScales scales)
    {
        var slopes = new float[inputs.Logps.Length];
        if (inputs.Pairs == 0)
        {
            Array.Fill(slopes, (float)-scales.Tokens);
            return new(-inputs.Logps.Sum() * scales.Tokens, [], slopes);
        }

        float[] rewards = [.. inputs.Logps.Zip(inputs.RefLogps, (policy, reference) => (float)(Traits.Beta * (policy - reference)))];
        var loss = 0.0;
        for (var p = 0; p < inputs.Pairs; p++)
        {
            var z = (double)rewards[p] - rewards[inputs.Pairs + p];
            loss += Math.Log(1 + Math.Exp(-z)) * scales.Rows;
            slopes[p] = (float)(-Traits.Beta / (1 + Math.Exp(z)) * scales.Rows);
            slopes[inputs.Pairs + p] = -slopes[p];
        }

        return new(loss, [.. rewards.Select(r => r * rewardFault)], slopes);
    }

    public void Dispose()
    {
    }
}
