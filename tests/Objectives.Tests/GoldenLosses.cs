using System.Text.Json;

namespace OrtDpo.Objectives.Tests;

/// <summary>The cases of <c>golden/losses/golden_losses.json</c>, exact numbers that an implementation with 900 digits made.</summary>
static class GoldenLosses
{
    static readonly JsonElement Root =
        JsonDocument.Parse(File.ReadAllText(Repository.Find("tests", "golden", "losses", "golden_losses.json"))).RootElement;

    public static IReadOnlyDictionary<string, JsonElement> Cases { get; } = ById("cases");

    public static IReadOnlyDictionary<string, JsonElement> TokenCases { get; } = ById("token_cases");

    public static JsonElement Batch(JsonElement golden) => Root.GetProperty("batches").GetProperty(Text(golden, "batch")!);

    public static JsonElement TokenBatch(JsonElement golden) => Root.GetProperty("token_batches").GetProperty(Text(golden, "batch")!);

    /// <summary>The options that a case has; what a loss ignores in the file is left out.</summary>
    public static ObjectiveOptions Options(JsonElement golden) => new()
    {
        Beta = Number(golden, "beta"),
        LabelSmoothing = Number(golden, "label_smoothing"),
        DiscopopTau = Number(golden, "discopop_tau"),
        FDivergence = Text(golden, "f_divergence") is "reverse_kl" ? null : Text(golden, "f_divergence"),
        FAlpha = Number(golden, "f_alpha_coef"),
        Gamma = Number(golden, "gamma"),
        LdAlpha = Text(golden, "loss") == "ld_sigmoid" ? Number(golden, "ld_alpha") : null,
    };

    public static double? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetDouble() : null;

    public static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    public static double[] Numbers(JsonElement element, string name) => Numbers(element.GetProperty(name));

    public static double[] Numbers(JsonElement element) => [.. element.EnumerateArray().Select(v => v.GetDouble())];

    public static double[][] Lists(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(Numbers)];

    static Dictionary<string, JsonElement> ById(string list) => Root.GetProperty(list).EnumerateArray().ToDictionary(c => Text(c, "id")!);
}
