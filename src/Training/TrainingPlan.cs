using System.Security.Cryptography;
using System.Text;
using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>What a run does in each step: a pure function of the rows and the options.</summary>
public sealed class TrainingPlan
{
    readonly IReadOnlyList<TrainingRow> trainRows;
    (int Epoch, int[] Order)? permutation;
    string? dataDigest;

    /// <summary>A plan over the given rows.</summary>
    /// <exception cref="InvalidDataException">There is no training row.</exception>
    public TrainingPlan(TrainingOptions options, IReadOnlyList<TrainingRow> trainRows, IReadOnlyList<TrainingRow> evalRows)
    {
        if (trainRows.Count == 0)
        {
            throw new InvalidDataException("There is no training row. Expected at least one row of split 'train'.");
        }

        Options = options;
        this.trainRows = trainRows;
        EvalRows = evalRows;
        StepsPerEpoch = ((trainRows.Count - 1) / options.BatchPairs) + 1;
        TotalSteps = options.MaxSteps ?? checked(options.Epochs * StepsPerEpoch);
        Schedule = LearningRateSchedule.WithWarmup(options.LearningRate, TotalSteps, options.WarmupRatio);
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
        if (permutation?.Epoch != epoch)
        {
            permutation = (epoch, DataOrder.Permutation(trainRows.Count, Options.Seed, epoch));
        }

        return [.. permutation.Value.Order.Skip(place * Options.BatchPairs).Take(Options.BatchPairs).Select(i => trainRows[i])];
    }

    /// <summary>Epochs that are done after <paramref name="step"/> steps, in part too.</summary>
    public double EpochAfter(int step) => (double)step / StepsPerEpoch;

    /// <summary>
    /// The identity of the rows and their order: hex SHA-256 over the keys of the training rows, then of the evaluation rows, one a line.
    /// </summary>
    public string DataDigest => dataDigest ??= HashKeys();

    string HashKeys()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var row in trainRows)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"train {row.Key}\n"));
        }

        foreach (var row in EvalRows)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"eval {row.Key}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
