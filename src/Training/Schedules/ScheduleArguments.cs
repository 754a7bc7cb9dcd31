using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>
/// What a schedule takes beside its warm-up, by Transformers' names (<c>lr_scheduler_kwargs</c>); null: not given. Which schedule takes
/// which, and what they default to, is <see cref="ScheduleKind"/>'s.
/// </summary>
public sealed record ScheduleArguments
{
    static readonly JsonSerializerOptions Json = new(FileJson.Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = false,
    };

    // What is no number is refused by what it is an argument of, which says what it must be.
    static readonly JsonSerializerOptions Any = new(Json) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Waves of a cosine, 0.5 = once down; of <c>cosine_with_restarts</c>, how often it falls.</summary>
    public double? NumCycles { get; init; }

    /// <summary>The exponent of <c>polynomial</c>.</summary>
    public double? Power { get; init; }

    /// <summary>The learning rate that <c>polynomial</c> falls towards.</summary>
    public double? LrEnd { get; init; }

    /// <summary>The lowest learning rate.</summary>
    public double? MinLr { get; init; }

    /// <summary>The same as a share of the highest.</summary>
    public double? MinLrRate { get; init; }

    /// <summary>The same as <c>warmup_stable_decay</c> calls it; its warm-up starts there, too.</summary>
    public double? MinLrRatio { get; init; }

    /// <summary>The share of the highest learning rate with which the warm-up of <c>cosine_warmup_with_min_lr</c> starts.</summary>
    public double? WarmupLrRate { get; init; }

    /// <summary>Steps after which <c>inverse_sqrt</c> begins to bend; its steps are counted in them.</summary>
    public int? Timescale { get; init; }

    /// <summary>Steps with the highest learning rate.</summary>
    public int? NumStableSteps { get; init; }

    /// <summary>Steps of the fall behind them.</summary>
    public int? NumDecaySteps { get; init; }

    /// <summary>How <c>warmup_stable_decay</c> rises: <c>linear</c>, <c>cosine</c> or <c>1-sqrt</c>.</summary>
    public string? WarmupType { get; init; }

    /// <summary>How it falls: the same words.</summary>
    public string? DecayType { get; init; }

    /// <summary>Reads one JSON object.</summary>
    /// <exception cref="ArgumentException">It is none, or has a member that no schedule takes, or one of another type.</exception>
    public static ScheduleArguments Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<ScheduleArguments>(json, Json)
                ?? throw new ArgumentException("`LrSchedulerKwargs` is null. Expected one JSON object, as {\"num_cycles\": 2}.");
        }
        catch (JsonException)
        {
            throw new ArgumentException(Fault(json));
        }
    }

    /// <summary>The arguments that are given, as one JSON object.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>The names of those that are given.</summary>
    internal IEnumerable<string> Names => JsonSerializer.SerializeToNode(this, Any)!.AsObject().Select(member => member.Key);

    // Which member it was, and not what the reader of JSON says of it.
    static string Fault(string json)
    {
        var known = string.Join(", ", ScheduleKind.All.SelectMany(kind => kind.Arguments).Distinct().Order(StringComparer.Ordinal));
        JsonObject? members;
        try
        {
            members = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException)
        {
            members = null;
        }

        if (members is null)
        {
            return $"`LrSchedulerKwargs` is '{json}'. Expected one JSON object, as {{\"num_cycles\": 2}}.";
        }

        foreach (var (name, value) in members)
        {
            if (!known.Split(", ").Contains(name))
            {
                return $"`LrSchedulerKwargs` has '{name}', which no schedule takes. Expected some of {known}.";
            }

            if (!IsReadable(name, value))
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"`LrSchedulerKwargs` has {name} {value?.ToJsonString()}. Expected {Expected(name)}.");
            }
        }

        return $"`LrSchedulerKwargs` is '{json}'. Expected one JSON object, as {{\"num_cycles\": 2}}.";
    }

    static bool IsReadable(string name, JsonNode? value)
    {
        try
        {
            return new JsonObject { [name] = value?.DeepClone() }.Deserialize<ScheduleArguments>(Json) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    static string Expected(string name) => name switch
    {
        "timescale" or "num_stable_steps" or "num_decay_steps" => "a whole number of steps",
        "warmup_type" or "decay_type" => "\"linear\", \"cosine\" or \"1-sqrt\"",
        _ => "a number",
    };
}
