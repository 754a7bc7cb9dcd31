using System.Security.Cryptography;
using System.Text;
using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>What a run does in each step: a pure function of the rows and the options.</summary>
public sealed class TrainingPlan
{
    readonly IReadOnlyList<TrainingRow> trainRows;
    (int Epoch, IReadOnlyList<TrainingRow>[] Steps)? steps;
    string? dataDigest;

    /// <summary>A plan over the given rows.</summary>
    /// <exception cref="ArgumentException">The options of the schedule do not go together.</exception>
    /// <exception cref="InvalidDataException">
    /// There is no training row, one gives more pairs than a step has, or the schedule does not fit the number of steps.
    /// </exception>
    public TrainingPlan(TrainingOptions options, IReadOnlyList<TrainingRow> trainRows, IReadOnlyList<TrainingRow> evalRows)
    {
        if (trainRows.Count == 0)
        {
            throw new InvalidDataException("There is no training row. Expected at least one row of split 'train'.");
        }

        if (trainRows.MaxBy(row => row.Terms) is { } largest && largest.Terms > options.BatchPairs)
        {
            throw new InvalidDataException($"{largest.Id} gives {largest.Terms} pairs, which lie in one step, and `BatchPairs` is "
                + $"{options.BatchPairs}. Give at least {largest.Terms}, or make fewer pairs of ranked completions (`Pairs`).");
        }

        if (evalRows.Count == 0 && options.Evaluation.HasBest)
        {
            throw new InvalidDataException("No rows are held out, so that no checkpoint is the best (`KeepBest`, `MetricForBest`, "
                + "`EarlyStoppingPatience`). Hold some out (`EvalFraction`, `EvalFiles`), or leave the options out.");
        }

        Options = options;
        this.trainRows = trainRows;
        EvalRows = evalRows;
        StepsPerEpoch = ((trainRows.Sum(row => row.Terms) - 1) / options.BatchPairs) + 1;
        TotalSteps = options.MaxSteps ?? checked(options.Epochs * StepsPerEpoch);
        Schedule = options.Optimization.ScheduleOf(options.LearningRate, TotalSteps, options.WarmupRatio);
    }

    public TrainingOptions Options { get; }

    public IReadOnlyList<TrainingRow> TrainRows => trainRows;

    public IReadOnlyList<TrainingRow> EvalRows { get; }

    /// <summary>Steps of one pass over the rows; the last of them may be smaller than the others.</summary>
    public int StepsPerEpoch { get; }

    public int TotalSteps { get; }

    public LearningRateSchedule Schedule { get; }

    /// <summary>The rows of step <paramref name="step"/>, from 1.</summary>
    public IReadOnlyList<TrainingRow> RowsOf(int step)
    {
        var (epoch, place) = Math.DivRem(step - 1, StepsPerEpoch);
        if (steps?.Epoch != epoch)
        {
            steps = (epoch, Divide(DataOrder.Permutation(trainRows.Count, Options.Seed, epoch)));
        }

        return steps.Value.Steps[place];
    }

    /// <summary>The numbers of the update of step <paramref name="step"/>, from 1.</summary>
    /// <param name="step">The step.</param>
    /// <param name="skipped">Updates before it that were skipped: the optimizer counts without them.</param>
    public OptimizerStep UpdateOf(int step, int skipped) => new(
        step - skipped, (float)Schedule.At(step), Options.MaxGradNorm, Options.WeightDecay, Options.Optimization.AdamBeta1,
        Options.Optimization.AdamBeta2, Options.Optimization.AdamEpsilon, Options.Optimization.DecaysVectors);

    /// <summary>Whether an evaluation is made after <paramref name="step"/> steps.</summary>
    public bool EvaluatesAfter(int step) => Options.Evaluation.EvalStrategy switch
    {
        EvaluationTimes.No => false,
        _ when step == 0 || step == TotalSteps => true,
        EvaluationTimes.Epoch => step % StepsPerEpoch == 0,
        _ => step % Options.EvalSteps == 0,
    };

    /// <summary>Epochs that are done after <paramref name="step"/> steps, in part too.</summary>
    public double EpochAfter(int step) => (double)step / StepsPerEpoch;

    /// <summary>
    /// The identity of the rows and their order: hex SHA-256 over the keys of the training rows, then of the evaluation rows, one a line.
    /// </summary>
    public string DataDigest => dataDigest ??= HashKeys();

    // A row lies in the step that its last pair falls into, all pairs counted in their order: as no row has more pairs than a step, no step
    // is empty, and there are as many as the pairs need.
    IReadOnlyList<TrainingRow>[] Divide(int[] order)
    {
        var divided = Enumerable.Range(0, StepsPerEpoch).Select(_ => new List<TrainingRow>()).ToArray();
        var pairs = 0;
        foreach (var i in order)
        {
            pairs += trainRows[i].Terms;
            divided[(pairs - 1) / Options.BatchPairs].Add(trainRows[i]);
        }

        return divided;
    }

    string HashKeys()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var key in trainRows.SelectMany(row => row.Keys))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"train {key}\n"));
        }

        foreach (var key in EvalRows.SelectMany(row => row.Keys))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"eval {key}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
