using System.Text.Json;

namespace OrtDpo.Export.Tests;

/// <summary>onnxruntime-node and onnxruntime-web, of the versions that <c>tests/clients/node/package.json</c> names, in Node.</summary>
static class NodeClients
{
    const string Script = "decode.mjs";

    /// <summary>The texts that a runtime makes of batches, with the cache and without, padded before the prompts and behind.</summary>
    /// <param name="runtime"><c>node</c> or <c>web</c>.</param>
    /// <param name="model">The path of a <c>model.onnx</c>.</param>
    /// <param name="batches">Prompts.</param>
    /// <param name="tokens">How many tokens to make after each.</param>
    /// <param name="patience">How long the packages may take to install; past that the test is skipped.</param>
    public static IReadOnlyList<(Padding Padding, bool Cache, int[][][] Made)> Continue(
        string runtime, string model, IReadOnlyList<int[][]> batches, int tokens, TimeSpan patience)
    {
        var folder = NodePackages.Installed("node", "onnxruntime-node and onnxruntime-web are", patience);
        (Padding Padding, bool Cache)[] ways =
            [(Padding.Left, true), (Padding.Right, true), (Padding.Left, false), (Padding.Right, false)];
        using var requests = new TemporaryFolder();
        var lines = ways.SelectMany(_ => batches, (way, prompts) => JsonSerializer.Serialize(new
        {
            model, prompts, tokens, padding = way.Padding == Padding.Left ? "left" : "right", cache = way.Cache,
        }));
        var file = requests.Write("requests.jsonl", string.Join('\n', lines));
        // Beside the packages, where its imports are looked for; other test processes write the same.
        var script = Path.Combine(folder, $"{Environment.ProcessId}-{Script}");
        File.Copy(Repository.Find("tests", "clients", "node", Script), script, overwrite: true);
        try
        {
            var run = ProgramRun.Of("node", [script, runtime, file], folder);
            Assert.True(run.ExitCode == 0, run.Error);
            var made = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("made").Deserialize<int[][]>()!)
                .ToList();
            Assert.Equal(ways.Length * batches.Count, made.Count);
            return [.. ways.Zip(made.Chunk(batches.Count), (way, texts) => (way.Padding, way.Cache, texts))];
        }
        finally
        {
            File.Delete(script);
        }
    }
}
