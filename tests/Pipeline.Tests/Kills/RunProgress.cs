using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>How far a run has come that may be writing its files now, or that was killed while it did.</summary>
/// <param name="run">The run's folder.</param>
sealed class RunProgress(string run)
{
    readonly string checkpoints = Path.Combine(run, "checkpoints");
    readonly string metrics = Path.Combine(run, "metrics.jsonl");

    /// <summary>Whether a checkpoint is begun and not whole.</summary>
    public bool IsWriting => Directory.Exists(checkpoints) && Directory.EnumerateDirectories(checkpoints, "step-*.tmp").Any();

    /// <summary>The step of the newest whole checkpoint; 0 where there is none.</summary>
    public int Checkpoint => !Directory.Exists(checkpoints) ? 0 : Directory.EnumerateDirectories(checkpoints, "step-*")
        .Select(path => int.TryParse(Path.GetFileName(path)["step-".Length..], out var step) ? step : 0).DefaultIfEmpty().Max();

    /// <summary>The last step that the log has; 0 where it has none.</summary>
    public int LastStep
    {
        get
        {
            if (!File.Exists(metrics))
            {
                return 0;
            }

            using var file = new FileStream(metrics, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd().Split('\n')[..^1].Select(line => JsonNode.Parse(line)!.AsObject())
                .Where(line => line.ContainsKey("loss")).Select(line => (int)line["step"]!).DefaultIfEmpty().Max();
        }
    }

    public override string ToString() => $"step {LastStep}, checkpoint {Checkpoint}{(IsWriting ? ", and one that is not whole" : "")}";
}
