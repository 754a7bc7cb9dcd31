using System.Globalization;
using OrtDpo.Data.Cache;
using OrtDpo.Core.CommandLine;
using OrtDpo.Data;
using OrtDpo.Runs;
using OrtDpo.Training;
using OrtDpo.Train.Engine;

namespace OrtDpo.Train;

/// <summary>
/// Scores the newest checkpoint of a run on the held-out rows of its data: the numbers of the log's last evaluation, made anew.
/// </summary>
public static class HeldOutEvaluation
{
    public static void Run(string runFolder, int threads, bool json, ProgramOutput output)
    {
        var run = TrainedRun.Open(runFolder);
        var metrics = Score(run, threads);
        if (json)
        {
            output.WriteLine(metrics.ToJson());
            return;
        }

        output.WriteLine($"{run.Checkpoint} on the held-out rows of {run.ReferenceCache ?? run.Folder}");
        output.WriteTable(
            [.. metrics.Values.Select(value => (string[])[value.Key, value.Value.ToString("G6", CultureInfo.InvariantCulture)])]);
    }

    /// <summary>The metrics of a run's newest checkpoint, <c>step</c> and those with the prefix <c>eval_</c>.</summary>
    /// <exception cref="InvalidDataException">There are no held-out rows.</exception>
    public static MetricsLine Score(TrainedRun run, int threads)
    {
        var choice = LossChoice.FromConfig(run.Config);
        var rows = run.ReferenceCache is { } cache
            ? CachedRows.Of(ReferenceCache.Open(cache), Split.Eval)
            : DataTraining.Rows(RunData.Of(run.Folder), Split.Eval);
        if (rows.Count == 0)
        {
            throw new InvalidDataException(run.ReferenceCache is { } folder
                ? $"{folder} holds no held-out rows. Run precompute with --eval-fraction or --eval-data."
                : $"{run.Folder} holds no held-out rows. Train with --eval-fraction or --eval-data.");
        }

        using var engine = StepEngine.Open(run.Checkpoint, new EngineOptions { Threads = threads });
        using var loss = new LossSession(choice.Objective);
        return Evaluation.Score(engine, loss, rows, run.MicroPairs, new MetricsLine().Add("step", run.Step));
    }
}
