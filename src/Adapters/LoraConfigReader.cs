using System.Text.Json;
using OrtDpo.Linked;

namespace OrtDpo.Adapters;

/// <summary>Reads <c>adapter_config.json</c>, every field of it.</summary>
static class LoraConfigReader
{
    /// <summary>What PEFT's <c>target_modules</c> says for <see cref="ModuleChoice.AllLinear"/>, in whatever case.</summary>
    public const string AllLinear = "all-linear";

    public static LoraConfig Read(string folder)
    {
        var path = Path.Combine(folder, LoraConfig.FileName);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"{path} does not exist. Expected a folder that PEFT saved an adapter in.{HubName.Advice(folder, "model")}", path);
        }

        using var json = Parse(path);
        var fields = new JsonFields(path, json.RootElement);
        LoraConfigLimits.Check(fields);
        var config = new LoraConfig
        {
            Source = path,
            Rank = fields.Integer("r", least: 1) ?? 8,
            Alpha = fields.Number("lora_alpha") ?? 8,
            UseRsLora = fields.Flag("use_rslora") ?? false,
            TargetModules = Targets(fields),
            ExcludeModules = Modules(fields, "exclude_modules"),
            LayersToTransform = fields.Integers("layers_to_transform"),
            LayersPattern = fields.Texts("layers_pattern"),
            RankPattern = fields.Pairs("rank_pattern", "integers of at least 1", JsonFields.RankOf),
            AlphaPattern = fields.Pairs("alpha_pattern", "finite numbers", JsonFields.NumberOf),
            ModulesToSave = fields.TextList("modules_to_save") ?? [],
            Dropout = Dropout(fields),
            FanInFanOut = fields.Flag("fan_in_fan_out") ?? false,
            BaseModelNameOrPath = fields.Text("base_model_name_or_path"),
            Revision = fields.Text("revision"),
        };
        config.RequireConsistent();
        return config;
    }

    static JsonDocument Parse(string path)
    {
        try
        {
            return JsonBytes.ReadFile(path);
        }
        catch (JsonException e)
        {
            var after = LastField(JsonBytes.ReadText(path).Span) is { } field ? $" at its field '{field}'" : "";
            throw new InvalidDataException($"{path} is not JSON{after}: {e.Message} Correct it, or get the file again.", e);
        }
    }

    // Python writes NaN and Infinity, which are no JSON: the field before the fault is where they stand.
    static string? LastField(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        string? field = null;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
                {
                    field = reader.GetString();
                }
            }
        }
        catch (JsonException)
        {
            return field;
        }

        return field;
    }

    static ModuleChoice Targets(JsonFields fields)
    {
        const string Field = "target_modules";
        return Modules(fields, Field) switch
        {
            null when fields.IsNull(Field) => throw new NotSupportedException($"{fields.Path}: {Field} is null or missing, for which PEFT "
                + "chooses modules by the architecture. List the modules that the adapter has tensors of."),
            null => throw fields.Wrong(Field, "a list of names, a regular expression, or \"all-linear\""),
            ModuleChoice.Pattern pattern when pattern.Expression.Equals(AllLinear, StringComparison.OrdinalIgnoreCase) =>
                ModuleChoice.AllLinear,
            var choice => choice,
        };
    }

    // null for an empty list or text, too, which excludes nothing.
    static ModuleChoice? Modules(JsonFields fields, string field) => fields.Texts(field) switch
    {
        null => null,
        var texts => fields.IsText(field) ? new ModuleChoice.Pattern(texts[0]) : new ModuleChoice.Names(texts),
    };

    static double Dropout(JsonFields fields) => fields.Number("lora_dropout") switch
    {
        null => 0,
        >= 0 and <= 1 and double share => share,
        _ => throw fields.Wrong("lora_dropout", "a number from 0 to 1"),
    };
}
