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
                "metrics.jsonl" => string.Join('\n', File.ReadLines(path).Select(line => Without(line, "tokens_per_second"))),
                "trainer_state.json" => Without(File.ReadAllText(path), "metrics_bytes"),
                "manifest.json" => WithoutOutputs(File.ReadAllText(path), "metrics.jsonl", "trainer_state.json"),
                _ => files[file],
            };
        }

        return files;
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
