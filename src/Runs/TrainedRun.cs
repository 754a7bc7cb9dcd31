using System.Globalization;
using System.Text.Json;

namespace OrtDpo.Runs;

/// <summary>A run that left a checkpoint: what export and eval start from.</summary>
/// <param name="Folder">The run's folder.</param>
/// <param name="Step">Optimizer steps of the checkpoint.</param>
/// <param name="Checkpoint">The checkpoint, the newest where no other was chosen: a Hugging Face folder.</param>
/// <param name="ReferenceCache">The cache that the run was trained against; null where it has no reference.</param>
/// <param name="Config">The run's configuration: values as they are written, strings as JSON.</param>
public sealed record TrainedRun(
    string Folder, int Step, string Checkpoint, string? ReferenceCache, IReadOnlyDictionary<string, string> Config)
{
    /// <summary>The name of the entry that says in what type the run's base was stored; absent: float32.</summary>
    public const string BaseDtype = "base_dtype";

    /// <summary>The name of the entry that says in what type the run's products are computed; absent: float32.</summary>
    public const string Dtype = "dtype";

    /// <summary>The text of an entry of the run's configuration; null where it has none.</summary>
    public string? Text(string entry) => Config.TryGetValue(entry, out var value) ? JsonSerializer.Deserialize<string>(value) : null;

    /// <summary>The run's micro-batches; null = by length.</summary>
    public int? MicroPairs =>
        int.TryParse(
            JsonSerializer.Deserialize<JsonElement>(Config["micro_pairs"]).ToString(), CultureInfo.InvariantCulture, out var micro)
            ? micro
            : null;

    /// <summary>Opens a run of <c>train</c> or <c>sft</c>.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="checkpoint">Which of its checkpoints; null: the newest.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">The folder holds no run, or no such checkpoint; or the checkpoint is damaged.</exception>
    public static TrainedRun Open(string folder, CheckpointChoice? checkpoint = null)
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
        var state = (checkpoint?.StepIn(folder, checkpoints) is { } step ? checkpoints.Read(step) : checkpoints.ReadNewest())
            ?? throw new InvalidDataException($"{folder} holds no checkpoint yet. Finish the run with train `Resume`.");
        var reference = config.TryGetValue("ref", out var path) ? JsonSerializer.Deserialize<string>(path) : null;
        return new TrainedRun(folder, state.Step, checkpoints.PathOf(state.Step), reference, config);
    }
}
