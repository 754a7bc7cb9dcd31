using System.Globalization;
using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>What a diagnosis has to know of a run beside its metrics; no number of it changes while the run goes on.</summary>
public sealed record DiagnosisFacts
{
    /// <summary>What the rows are.</summary>
    public required RowKind Rows { get; init; }

    /// <summary>Whether rewards compare with a reference, so that they are 0 where nothing was learned.</summary>
    public required bool HasReference { get; init; }

    /// <summary>The temperature of the rewards; null where the objective has none.</summary>
    public double? Beta { get; init; }

    /// <summary>The loss where the policy is the reference, such as ln 2; null where that is no constant.</summary>
    public double? BaseLoss { get; init; }

    /// <summary>Whether a part of the objective is the likelihood of chosen completions, as in supervised training.</summary>
    public required bool HasNll { get; init; }

    /// <summary>The highest learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The gradient's norm above which it is scaled down; 0 = never.</summary>
    public required double MaxGradNorm { get; init; }

    /// <summary>Optimizer steps of the whole run.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>Steps over which the learning rate rises.</summary>
    public required int WarmupSteps { get; init; }

    /// <summary>Numbers in the model, without an adapter.</summary>
    public required long ModelParameters { get; init; }

    /// <summary>Whether an adapter trains in place of the model's own weights.</summary>
    public required bool IsAdapter { get; init; }

    /// <summary>Tokens of a held-out chosen (desirable, only) completion, in the mean; null where nothing is held out.</summary>
    public double? HeldOutTokens { get; init; }

    /// <summary>Tokens of a chosen completion that is trained on, in the mean; null where rows are no pairs.</summary>
    public double? ChosenTokens { get; init; }

    /// <summary>Tokens of a rejected completion that is trained on, in the mean; null where rows are no pairs.</summary>
    public double? RejectedTokens { get; init; }

    /// <summary>The facts of a run.</summary>
    /// <param name="plan">Its rows and steps.</param>
    /// <param name="traits">Its objective.</param>
    /// <param name="modelParameters">Numbers in the model, without an adapter.</param>
    /// <param name="isAdapter">Whether an adapter trains.</param>
    public static DiagnosisFacts Of(TrainingPlan plan, LossTraits traits, long modelParameters, bool isAdapter)
    {
        var heldOut = plan.EvalRows.Where(row => row.Tokens.Known is not Judgement.Label { IsDesirable: false }).ToList();
        return new DiagnosisFacts
        {
            Rows = traits.Rows,
            HasReference = traits.NeedsReference,
            Beta = traits.Beta > 0 ? AsGiven(traits.Beta) : null,
            BaseLoss = traits.BaseLoss,
            HasNll = traits.HasNll,
            LearningRate = plan.Options.LearningRate,
            MaxGradNorm = plan.Options.MaxGradNorm,
            TotalSteps = plan.TotalSteps,
            WarmupSteps = plan.Schedule.WarmupSteps,
            ModelParameters = modelParameters,
            IsAdapter = isAdapter,
            HeldOutTokens = heldOut.Count == 0 ? null : heldOut.Sum(row => row.ChosenTokens) / (double)heldOut.Sum(row => row.Terms),
            ChosenTokens = PairTokens(plan, pair => pair.Chosen),
            RejectedTokens = PairTokens(plan, pair => pair.Rejected),
        };
    }

    // 0.1, and not the float32 nearest to it.
    static double AsGiven(float number) => double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    static double? PairTokens(TrainingPlan plan, Func<CompletionPair, int> completion)
    {
        int[] lengths =
        [
            .. plan.TrainRows.SelectMany(
                row => row.Tokens.Known.Pairs.Select(pair => row.Tokens.Completions[completion(pair)].Length)),
        ];
        return lengths.Length == 0 ? null : lengths.Average();
    }
}
