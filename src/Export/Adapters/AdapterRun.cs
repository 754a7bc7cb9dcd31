using OrtDpo.Data.Cache;
using OrtDpo.Models;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Adapters;

/// <summary>A run whose checkpoint is an adapter.</summary>
/// <param name="Name">What the exported adapter is called: the name of the run's folder.</param>
/// <param name="Run">The run.</param>
/// <param name="Rows">On what it is compared.</param>
sealed record AdapterRun(string Name, TrainedRun Run, ComparedRows Rows)
{
    /// <summary>Opens runs that are to be exported together.</summary>
    /// <param name="folders">Their folders.</param>
    /// <param name="checkpoint">Which checkpoint of each; null: the newest.</param>
    /// <exception cref="InvalidDataException">One is no adapter's, or two have the same name.</exception>
    public static IReadOnlyList<AdapterRun> All(IReadOnlyList<string> folders, CheckpointChoice? checkpoint)
    {
        List<AdapterRun> runs = [.. folders.Select(folder => Of(folder, checkpoint))];
        // Systems take names that differ in case alone for one.
        if (runs.GroupBy(run => run.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } two)
        {
            throw new InvalidDataException($"{string.Join(" and ", two.Select(run => run.Run.Folder))} are both called '{two.Key}', and "
                + "adapters are called as their runs' folders. Rename one.");
        }

        return runs;
    }

    /// <summary>The base with the adapter on it, for the longest sequence that it was trained with.</summary>
    public ModelFolder Open()
    {
        var folder = ModelFolder.Open(Run.Checkpoint, adapter: null, WeightMapping.ReadOnly, BaseWeights.OfRun(Run.Config));
        folder.FixMaxLength(RunMaxLength.Of(Run));
        return folder;
    }

    static AdapterRun Of(string folder, CheckpointChoice? checkpoint)
    {
        var run = TrainedRun.Open(folder, checkpoint);
        if (!ModelFolder.IsAdapter(run.Checkpoint))
        {
            throw new InvalidDataException($"{folder} trained the model's own weights, and has no adapter. Export it without `Adapters`.");
        }

        return new AdapterRun(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), run, ComparedRows.Of(run));
    }
}
