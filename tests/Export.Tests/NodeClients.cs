using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;

namespace OrtDpo.Export.Tests;

/// <summary>onnxruntime-node and onnxruntime-web, of the versions that <c>tests/clients/node/package.json</c> names, in Node.</summary>
static class NodeClients
{
    const string Script = "decode.mjs";

    static readonly Lock Installing = new();

    // Why there are none, and how long was waited for them: the next test of this process asks again only if it waits longer.
    static (TimeSpan Patience, string Fault)? failed;

    /// <summary>The texts that a runtime makes of batches, with the cache and without, padded before the prompts and behind.</summary>
    /// <param name="runtime"><c>node</c> or <c>web</c>.</param>
    /// <param name="model">The path of a <c>model.onnx</c>.</param>
    /// <param name="batches">Prompts.</param>
    /// <param name="tokens">How many tokens to make after each.</param>
    /// <param name="patience">How long the packages may take to install; past that the test is skipped.</param>
    public static IReadOnlyList<(Padding Padding, bool Cache, int[][][] Made)> Continue(
        string runtime, string model, IReadOnlyList<int[][]> batches, int tokens, TimeSpan patience)
    {
        var folder = Installed(patience);
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

    // In a folder of its own for each version of the list; made under another name first, as other processes may look for it.
    static string Installed(TimeSpan patience)
    {
        var list = Repository.Find("tests", "clients", "node", "package.json");
        var name = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(list)))[..12];
        var folder = Path.Combine(Repository.Root, "artifacts", "clients", name);
        lock (Installing)
        {
            if (!Directory.Exists(folder))
            {
                Install(list, folder, patience);
            }
        }

        return folder;
    }

    static void Install(string list, string folder, TimeSpan patience)
    {
        var temporary = $"{folder}.{Environment.ProcessId}";
        Directory.CreateDirectory(temporary);
        try
        {
            File.Copy(list, Path.Combine(temporary, "package.json"));
            // Without scripts: those of onnxruntime-node fetch libraries of GPUs.
            var fault = failed is { } before && before.Patience >= patience ? before.Fault : Fault(
                "npm", ["install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel", "error"], temporary,
                patience) ?? Fault("node", ["--version"], temporary, patience);
            failed = fault is null ? null : (patience, fault);
            Assert.SkipWhen(fault is not null, $"onnxruntime-node and onnxruntime-web are not there: {fault}");
            Directory.Move(temporary, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another process was faster.
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    static string? Fault(string program, string[] arguments, string folder, TimeSpan patience)
    {
        Process process;
        try
        {
            process = ProgramRun.Start(program, arguments, folder);
        }
        catch (Win32Exception e)
        {
            return $"{program} does not start ({e.Message})";
        }

        using (process)
        {
            var error = process.StandardError.ReadToEndAsync();
            _ = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(patience))
            {
                process.Kill(entireProcessTree: true);
                return $"{program} {arguments[0]} did not end within {patience.TotalSeconds} s";
            }

            return process.ExitCode == 0 ? null : $"{program} {arguments[0]} failed: {error.GetAwaiter().GetResult().Trim()}";
        }
    }
}
