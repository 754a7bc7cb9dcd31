using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Logs.Mlflow;

/// <summary>Parts of MLflow's messages, which are protocol buffers as JSON.</summary>
static class MlflowJson
{
    // Escapes would make six bytes of one; a request has a limit.
    static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Bytes(JsonObject message) => JsonSerializer.SerializeToUtf8Bytes(message, Options);

    /// <summary>A list of <c>key</c> and <c>value</c>: params, tags.</summary>
    public static JsonArray Pairs(IEnumerable<KeyValuePair<string, string>> pairs) =>
        [.. pairs.Select(pair => new JsonObject { ["key"] = pair.Key, ["value"] = pair.Value })];

    public static JsonArray Metrics(IEnumerable<MlflowMetric> metrics) => [.. metrics.Select(metric => new JsonObject
    {
        ["key"] = metric.Key, ["value"] = Number(metric.Value), ["timestamp"] = metric.Timestamp, ["step"] = metric.Step,
    })];

    /// <summary>The text under a path of members; null where there is none.</summary>
    public static string? Text(JsonElement message, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty(name, out message))
            {
                return null;
            }
        }

        return message.ValueKind == JsonValueKind.String ? message.GetString() : null;
    }

    /// <summary>Up to which step a run has values of each metric.</summary>
    public static Dictionary<string, long> LastSteps(JsonElement answer)
    {
        var steps = new Dictionary<string, long>(StringComparer.Ordinal);
        if (answer.TryGetProperty("run", out var run) && run.ValueKind == JsonValueKind.Object
            && run.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
            && data.TryGetProperty("metrics", out var metrics) && metrics.ValueKind == JsonValueKind.Array)
        {
            foreach (var metric in metrics.EnumerateArray())
            {
                if (Text(metric, "key") is { } key && Step(metric) is { } step)
                {
                    steps[key] = Math.Max(steps.GetValueOrDefault(key, long.MinValue), step);
                }
            }
        }

        return steps;
    }

    // Protocol buffers leave a default value out, and write 64-bit integers as text; MLflow's server writes numbers.
    static long? Step(JsonElement metric)
    {
        if (!metric.TryGetProperty("step", out var step))
        {
            return 0;
        }

        return step.ValueKind switch
        {
            JsonValueKind.Number when step.TryGetInt64(out var number) => number,
            JsonValueKind.String when long.TryParse(step.GetString(), out var number) => number,
            _ => null,
        };
    }

    // JSON has no word for these numbers, and protocol buffers have one each.
    static JsonNode Number(double value) => value switch
    {
        double.NaN => "NaN",
        double.PositiveInfinity => "Infinity",
        double.NegativeInfinity => "-Infinity",
        _ => value,
    };
}
