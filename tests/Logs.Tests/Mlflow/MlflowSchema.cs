using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrtDpo.Logs.Tests.Mlflow;

/// <summary>
/// What MLflow says of its messages: fields and types of <c>mlflow/protos/service.proto</c>, as JSON of protocol buffers, with the limits
/// of <c>mlflow/utils/validation.py</c> and of the REST documentation, the narrower where they differ. Written down from those and not
/// from the client.
/// </summary>
static partial class MlflowSchema
{
    const int MaxRequestBytes = 1_000_000;
    const int MaxKeyLength = 250;
    const int MaxParamLength = 250;
    const int MaxTagLength = 5000;

    static readonly Message Tag = new(("key", Is.Key, true), ("value", Is.TagValue, true));

    static readonly Message Param = new(("key", Is.Key, true), ("value", Is.ParamValue, true));

    static readonly Message Metric = new(
        ("key", Is.Key, true), ("value", Is.Double, true), ("timestamp", Is.Int64, true), ("step", Is.Int64, false));

    static readonly Dictionary<string, Message> Calls = new(StringComparer.Ordinal)
    {
        ["POST experiments/create"] = new(
            ("name", Is.Text, true), ("artifact_location", Is.Text, false), ("tags", Is.List(Tag, 20), false)),
        ["POST runs/create"] = new(
            ("experiment_id", Is.Text, true), ("user_id", Is.Text, false), ("run_name", Is.Text, false), ("start_time", Is.Int64, true),
            ("tags", Is.List(Tag, 100), false)),
        ["POST runs/update"] = new(
            ("run_id", Is.Text, true), ("status", Is.Status, false), ("end_time", Is.Int64, false), ("run_name", Is.Text, false)),
        ["POST runs/log-batch"] = new(
            ("run_id", Is.Text, true), ("metrics", Is.List(Metric, 1000), false), ("params", Is.List(Param, 100), false),
            ("tags", Is.List(Tag, 100), false)),
    };

    /// <summary>What is wrong with a message; null: nothing.</summary>
    public static string? Fault(string call, string? contentType, byte[] body)
    {
        if (!Calls.TryGetValue(call, out var message))
        {
            return $"There is no call '{call}'.";
        }

        if (contentType?.Split(';')[0] != "application/json")
        {
            return $"Content-Type is '{contentType}'; it must be application/json.";
        }

        if (body.Length > MaxRequestBytes)
        {
            return $"The request has {body.Length} bytes.";
        }

        using var document = JsonDocument.Parse(body);
        var fault = message.Fault(document.RootElement);
        var entities = document.RootElement.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Array)
            .Sum(member => member.Value.GetArrayLength());
        return fault ?? (entities > 1000 ? $"The request has {entities} metrics, params and tags." : null);
    }

    /// <summary>Whether MLflow takes a name: its pattern, and Python's <c>posixpath.normpath</c> leaves it as it is.</summary>
    public static bool IsKey(string name) =>
        KeyPattern().IsMatch(name) && NormalPath(name) == name && name != "." && !name.StartsWith("..", StringComparison.Ordinal)
        && name[0] != '/' && Encoding.UTF8.GetByteCount(name) <= MaxKeyLength;

    // As Python's documentation and posixpath.py have it.
    static string NormalPath(string path)
    {
        if (path.Length == 0)
        {
            return ".";
        }

        // Two slashes stay two, three and more become one.
        var slashes = path.Length - path.TrimStart('/').Length;
        var root = slashes == 2 ? "//" : slashes > 0 ? "/" : "";
        var parts = new List<string>();
        foreach (var part in path.Split('/').Where(part => part is not ("" or ".")))
        {
            if (part != ".." || (root.Length == 0 && parts.Count == 0) || (parts.Count > 0 && parts[^1] == ".."))
            {
                parts.Add(part);
            }
            else if (parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        var normal = root + string.Join('/', parts);
        return normal.Length == 0 ? "." : normal;
    }

    [GeneratedRegex(@"^[/\w.\- ]*\z")]
    private static partial Regex KeyPattern();

    sealed class Message(params (string Name, Func<JsonElement, string?> Fault, bool IsRequired)[] fields)
    {
        public string? Fault(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                return $"'{value}' is no object.";
            }

            var known = fields.ToDictionary(field => field.Name);
            foreach (var member in value.EnumerateObject())
            {
                if (!known.TryGetValue(member.Name, out var field))
                {
                    return $"There is no field '{member.Name}'.";
                }

                if (field.Fault(member.Value) is { } fault)
                {
                    return $"{member.Name}: {fault}";
                }
            }

            return fields.FirstOrDefault(field => field.IsRequired && !value.TryGetProperty(field.Name, out _)) is { Name: { } missing }
                ? $"'{missing}' is missing."
                : null;
        }
    }

    static class Is
    {
        public static string? Text(JsonElement value) =>
            value.ValueKind == JsonValueKind.String && value.GetString()!.Length > 0 ? null : $"'{value}' is no text.";

        public static string? Key(JsonElement value) =>
            value.ValueKind == JsonValueKind.String && IsKey(value.GetString()!) ? null : $"'{value}' is no key.";

        public static string? ParamValue(JsonElement value) => AtMost(value, MaxParamLength);

        public static string? TagValue(JsonElement value) => AtMost(value, MaxTagLength);

        public static string? Int64(JsonElement value) =>
            value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? null : $"'{value}' is no int64.";

        public static string? Double(JsonElement value) =>
            value.ValueKind == JsonValueKind.Number
            || (value.ValueKind == JsonValueKind.String && value.GetString() is "NaN" or "Infinity" or "-Infinity")
                ? null
                : $"'{value}' is no double.";

        public static string? Status(JsonElement value) =>
            value.ValueKind == JsonValueKind.String && value.GetString() is "RUNNING" or "SCHEDULED" or "FINISHED" or "FAILED" or "KILLED"
                ? null
                : $"'{value}' is no status.";

        public static Func<JsonElement, string?> List(Message of, int most) => value =>
            value.ValueKind != JsonValueKind.Array ? "It is no list."
            : value.GetArrayLength() > most ? $"It has {value.GetArrayLength()} entries; at most {most} are taken."
            : value.EnumerateArray().Select(of.Fault).FirstOrDefault(fault => fault is not null);

        static string? AtMost(JsonElement value, int bytes) =>
            value.ValueKind == JsonValueKind.String && Encoding.UTF8.GetByteCount(value.GetString()!) <= bytes
                ? null
                : $"'{value}' is no text of at most {bytes} bytes.";
    }
}
