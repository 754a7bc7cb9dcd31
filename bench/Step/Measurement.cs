using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.StepBench;

/// <summary>What one process measured: a line of JSON on stdout. bench/pytorch/run.py prints the same.</summary>
/// <param name="Size">The model: the input folder's name.</param>
/// <param name="Loop"><c>floor</c>, <c>kept</c>, <c>recomputed</c>, <c>careful</c> or <c>plain</c>.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Seconds">Every step; one number where there are no steps.</param>
/// <param name="Versions">Names and versions of what it ran on.</param>
/// <param name="OptimizerSeconds">The optimizer's share of a step, the best.</param>
/// <param name="PeakMib">VmHWM of the process.</param>
/// <param name="Losses">The loss before every update.</param>
/// <param name="Gflops">Floating-point operations over seconds, in 10⁹.</param>
/// <param name="Environment">Variables that the process was started with to be fast.</param>
sealed record Measurement(
    string Size, string Loop, int Threads, double[] Seconds, Dictionary<string, string> Versions, double? OptimizerSeconds = null,
    double? PeakMib = null, double[]? Losses = null, double? Gflops = null, Dictionary<string, string>? Environment = null)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static Dictionary<string, string> OrtDpoVersions => new()
    {
        ["ONNX Runtime"] = OrtProcess.Version, [".NET"] = System.Environment.Version.ToString(),
    };

    /// <summary>The largest resident memory of this process so far.</summary>
    public static double OwnPeakMib()
    {
        const string Field = "VmHWM:";
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(Field, StringComparison.Ordinal));
        return double.Parse(line[Field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;
    }

    public static Measurement Parse(string line) => JsonSerializer.Deserialize<Measurement>(line, Json)!;

    public void Print() => Console.WriteLine(JsonSerializer.Serialize(this, Json));
}
