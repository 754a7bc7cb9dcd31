using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace OrtDpo.HostsBench;

/// <summary>Loading a model and continuing a prompt, timed.</summary>
static class Decoding
{
    const int Prompt = 64;
    const int Tokens = 128;
    const int Passes = 3;

    /// <summary>Loads, and continues a prompt three times: the first pass takes memory, the best of the others counts.</summary>
    /// <param name="name">The host.</param>
    /// <param name="folder">The exported folder.</param>
    /// <param name="precision">What its weights are stored in.</param>
    /// <param name="open">Opens the host.</param>
    public static Measurement Measure(string name, string folder, string precision, Func<string, IHost> open)
    {
        var start = Stopwatch.GetTimestamp();
        using var host = open(folder);
        var load = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var random = new Random(1);
        int[] prompt = [.. Enumerable.Range(0, Prompt).Select(_ => random.Next(3, Vocabulary(folder)))];
        var (first, rate) = (double.MaxValue, 0.0);
        for (var pass = 0; pass < Passes; pass++)
        {
            var begin = Stopwatch.GetTimestamp();
            var (firstToken, made) = (0.0, 0);
            foreach (var _ in host.Continue(prompt, Tokens))
            {
                firstToken = made++ == 0 ? Stopwatch.GetElapsedTime(begin).TotalSeconds : firstToken;
            }

            if (pass > 0)
            {
                first = Math.Min(first, firstToken);
                rate = Math.Max(rate, (made - 1) / (Stopwatch.GetElapsedTime(begin).TotalSeconds - firstToken));
            }
        }

        return new Measurement(
            name, precision, new FileInfo(Path.Combine(folder, "model.onnx")).Length + External(folder), load, first, rate, PeakBytes(),
            OrtEnv.Instance().GetVersionString());
    }

    static long External(string folder) =>
        new FileInfo(Path.Combine(folder, "model.onnx.data")) is { Exists: true } file ? file.Length : 0;

    static int Vocabulary(string folder)
    {
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "genai_config.json")));
        return config.RootElement.GetProperty("model").GetProperty("vocab_size").GetInt32();
    }

    // VmHWM: the most that the process has had resident.
    static long PeakBytes()
    {
        const string Field = "VmHWM:";
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(Field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[Field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
