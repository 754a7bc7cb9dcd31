using System.Globalization;
using System.Text.Json;
using OrtDpo.Core.Training;

namespace OrtDpo.Core.Runs;

/// <summary>A run that left a checkpoint: what export and eval start from.</summary>
/// <param name="Folder">The run's folder.</param>
/// <param name="Step">Optimizer steps of the newest checkpoint.</param>
/// <param name="Checkpoint">The newest checkpoint, a Hugging Face folder.</param>
/// <param name="ReferenceCache">The cache that the run was trained against.</param>
/// <param name="Beta">The run's beta.</param>
/// <param name="MicroPairs">The run's micro-batches; null = by length.</param>
public sealed record TrainedRun(string Folder, int Step, string Checkpoint, string ReferenceCache, float Beta, int? MicroPairs)
{
    /// <summary>Opens a run of <c>train</c>.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">The folder holds no preference run, or no checkpoint; or the checkpoint is damaged.</exception>
    public static TrainedRun Open(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The run {folder} does not exist. Make it with train.");
        }

        if (!File.Exists(Path.Combine(folder, RunConfig.FileName)))
        {
            throw new InvalidDataException($"{folder} holds no {RunConfig.FileName}: it is no run. Make one with train.");
        }

        var config = RunConfig.ReadFrom(folder);
        var checkpoints = new Checkpoints(folder);
        var state = checkpoints.ReadNewest() ?? throw new InvalidDataException($"{folder} holds no checkpoint yet. Finish the run with train --resume.");
        if (!config.TryGetValue("ref", out var reference))
        {
            throw new InvalidDataException($"{folder} is a run of {config.GetValueOrDefault("kind", "another kind")}; expected a run of train, which has held-out pairs.");
        }

        return new TrainedRun(
            folder, state.Step, checkpoints.PathOf(state.Step), JsonSerializer.Deserialize<string>(reference)!,
            float.Parse(config["beta"], CultureInfo.InvariantCulture),
            int.TryParse(JsonSerializer.Deserialize<JsonElement>(config["micro_pairs"]).ToString(), CultureInfo.InvariantCulture, out var micro) ? micro : null);
    }
}
