using System.Text.Json;

namespace OrtDpo.HostsBench;

/// <summary>What one process measured: a line of JSON on stdout.</summary>
/// <param name="Host"><c>plain</c> or <c>genai</c>.</param>
/// <param name="Precision">What the model's weights are stored in.</param>
/// <param name="ModelBytes">The model's file, and that of its weights where they lie beside it.</param>
/// <param name="LoadSeconds">Until the model is loaded.</param>
/// <param name="FirstTokenSeconds">From a prompt of 64 tokens to the first token, the best pass but the first.</param>
/// <param name="TokensPerSecond">Of the 127 tokens behind it, one sequence, the best pass but the first.</param>
/// <param name="PeakBytes">The most resident memory of the process, .NET and libraries included.</param>
/// <param name="OnnxRuntime">The version of ONNX Runtime.</param>
sealed record Measurement(
    string Host, string Precision, long ModelBytes, double LoadSeconds, double FirstTokenSeconds, double TokensPerSecond, long PeakBytes,
    string OnnxRuntime)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static Measurement Parse(string line) => JsonSerializer.Deserialize<Measurement>(line, Json)!;

    public void Print() => Console.WriteLine(JsonSerializer.Serialize(this, Json));
}
