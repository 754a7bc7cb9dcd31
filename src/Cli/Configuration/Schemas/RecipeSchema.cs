using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Configuration.Schemas;

/// <summary>
/// The JSON schema of a verb's recipes, for editors: draft-07, which all of them read. It follows from the options alone. What it refuses
/// the program refuses; what goes together is the program's to say.
/// </summary>
static class RecipeSchema
{
    const string Draft = "http://json-schema.org/draft-07/schema#";

    static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The verbs that have recipes.</summary>
    public static IEnumerable<Command> Verbs(Command program) =>
        program.Subcommands.Where(verb => verb.Options.Any(option => option.Name == ConfigOption.Name));

    /// <summary>The schema's text, with a line's end behind it.</summary>
    public static string Of(Command verb) => Node(verb).ToJsonString(Written) + "\n";

    static JsonObject Node(Command verb) => new()
    {
        ["$schema"] = Draft,
        ["title"] = $"Recipe of ortdpo {verb.Name}",
        ["description"] = verb.Description,
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["minProperties"] = 1,
        ["properties"] = new JsonObject(
            RecipeKeys.Of(verb).Select(known => KeyValuePair.Create(known.Key, (JsonNode?)Property(known.Symbol)))),
    };

    static JsonObject Property(Symbol symbol)
    {
        var form = ValueForm.Of(symbol);
        var forms = Forms(form).ToList();
        var property = forms is [var only] ? only : new JsonObject { ["anyOf"] = new JsonArray([.. forms]) };
        property["description"] = symbol.Description;
        if (Default(symbol, form) is { } usual)
        {
            property["default"] = usual;
        }

        return property;
    }

    static IEnumerable<JsonObject> Forms(ValueForm form)
    {
        if (form.Kind == ValueKind.Switch)
        {
            yield return new JsonObject { ["type"] = "boolean" };
            yield break;
        }

        yield return One(form);
        if (form.IsOptional)
        {
            yield return new JsonObject { ["type"] = "boolean" };
        }

        if (form.Kind == ValueKind.Text && (form.IsOptional || form.Facts.Forms.IsList))
        {
            yield return new JsonObject { ["type"] = "number" };
        }

        if (form.IsMany)
        {
            yield return new JsonObject { ["type"] = "array", ["items"] = One(form), ["minItems"] = 1 };
        }
        else if (form.Facts.Forms.IsList)
        {
            yield return new JsonObject { ["type"] = "array", ["items"] = Parts(), ["minItems"] = 1 };
        }

        if (form.Facts.Forms.Joint is not null)
        {
            yield return new JsonObject { ["type"] = "object", ["additionalProperties"] = Parts() };
        }
        else if (form.Facts.Forms.IsObject)
        {
            yield return new JsonObject { ["type"] = "object" };
        }
    }

    static JsonObject One(ValueForm form)
    {
        var (facts, one) = (form.Facts, new JsonObject
        {
            ["type"] = form.Kind switch
            {
                ValueKind.WholeNumber => "integer",
                ValueKind.Number => "number",
                _ => "string",
            },
        });
        Add("enum", form.Choices is { } choices ? new JsonArray([.. choices.Select(choice => (JsonNode)choice)]) : null);
        Add("pattern", facts.Pattern);
        Add("exclusiveMinimum", facts.Above);
        Add("minimum", facts.From);
        Add("exclusiveMaximum", facts.Below);
        Add("maximum", facts.To);
        return one;

        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                one[name] = value;
            }
        }
    }

    static JsonObject Parts() => new() { ["type"] = new JsonArray("string", "number") };

    // Defaults that differ from machine to machine are in the description.
    static JsonNode? Default(Symbol symbol, ValueForm form) =>
        symbol is not Option { HasDefaultValue: true } option || form.Facts.HasDefaultOfMachine || form.IsMany ? null
        : option.GetDefaultValue() switch
        {
            null => null,
            bool isOn => JsonValue.Create(isOn),
            double or float => JsonNode.Parse(Convert.ToString(option.GetDefaultValue(), CultureInfo.InvariantCulture)!),
            int or long => JsonValue.Create(Convert.ToInt64(option.GetDefaultValue(), CultureInfo.InvariantCulture)),
            Enum name => JsonValue.Create(name.ToString().ToLowerInvariant()),
            var other => JsonValue.Create(other.ToString()),
        };
}
