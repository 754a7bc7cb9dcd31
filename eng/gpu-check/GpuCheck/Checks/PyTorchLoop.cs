using System.Text.Json;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>A line of <c>compare.py</c>.</summary>
/// <param name="Loop">Where the reference comes from.</param>
/// <param name="TokensPerSecond">Tokens of a step over its median time.</param>
/// <param name="PeakBytes">The most that its allocator held.</param>
sealed record PyTorchLoop(string Loop, double TokensPerSecond, double PeakBytes)
{
    public static PyTorchLoop Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        return new(
            root.GetProperty("loop").GetString()!, root.GetProperty("tokens_per_second").GetDouble(),
            root.GetProperty("peak_bytes").GetDouble());
    }
}
