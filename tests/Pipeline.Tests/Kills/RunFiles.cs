using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>What lies in a folder, by path: the SHA-256 of each file, or what of it two runs have in common.</summary>
static class RunFiles
{
    /// <summary>The digests of all files.</summary>
    public static SortedDictionary<string, string> Digests(string folder) => new(
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetRelativePath(folder, file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))),
        StringComparer.Ordinal);

    /// <summary>
    /// A run's files: how fast a step was is in metrics.jsonl, and through its digest and length in two more files; all else is the same
    /// wherever the same steps were made, but for TensorBoard's files, of which there is one for each process that made some of them.
    /// </summary>
    public static SortedDictionary<string, string> Untimed(string run)
    {
        var files = Digests(run);
        foreach (var file in files.Keys.ToList())
        {
            if (file.StartsWith("tensorboard", StringComparison.Ordinal))
            {
                files.Remove(file);
                continue;
            }

            var path = Path.Combine(run, file);
            files[file] = Path.GetFileName(file) switch
            {
                "metrics.jsonl" => UntimedMetrics(run),
                "trainer_state.json" => Without(File.ReadAllText(path), "metrics_bytes"),
                "manifest.json" => WithoutOutputs(File.ReadAllText(path), "metrics.jsonl", "trainer_state.json"),
                _ => files[file],
            };
        }

        return files;
    }

    /// <summary>The metrics of a run, but for timings.</summary>
    public static string UntimedMetrics(string run) => string.Join(
        '\n', File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => Without(line, "tokens_per_second")));

    /// <summary>
    /// What a run comes to: the files of its last checkpoint, its metrics but for timings, and its configuration. Which older checkpoints
    /// are there depends on when it was stopped.
    /// </summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="step">Its last step.</param>
    public static SortedDictionary<string, string> Last(string run, int step)
    {
        var all = Untimed(run);
        var prefix = Path.Combine("checkpoints", $"step-{step}") + Path.DirectorySeparatorChar;
        var last = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["metrics.jsonl"] = all["metrics.jsonl"],
            ["config.yaml"] = all["config.yaml"],
        };
        foreach (var (name, digest) in all.Where(file => file.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            last.Add($"checkpoint/{name[prefix.Length..]}", digest);
        }

        return last;
    }

    static string Without(string json, string member)
    {
        var value = JsonNode.Parse(json)!.AsObject();
        value.Remove(member);
        return value.ToJsonString();
    }

    static string WithoutOutputs(string manifest, params string[] names)
    {
        var value = JsonNode.Parse(manifest)!.AsObject();
        var outputs = value["outputs"]!.AsObject();
        foreach (var output in outputs.Select(output => output.Key).Where(output => names.Contains(Path.GetFileName(output))).ToList())
        {
            outputs.Remove(output);
        }

        return value.ToJsonString();
    }
}
