using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>What a chat template is given beside the messages: the functions that a row offers, and the switches that it sets.</summary>
public static class TemplateVariables
{
    /// <summary>The column of a row's own switches, as TRL has it.</summary>
    internal const string Column = "chat_template_kwargs";

    static readonly string[] Reserved = ["messages", "tools", "add_generation_prompt", "bos_token", "eos_token"];

    /// <summary>The row's <c>tools</c>, its switches, and where it has none of a name those of <paramref name="defaults"/>.</summary>
    /// <exception cref="InvalidDataException">They are something else, or set what the messages decide.</exception>
    internal static Dictionary<string, JsonElement> Of(JsonRow row, IReadOnlyDictionary<string, JsonElement> defaults)
    {
        var variables = new Dictionary<string, JsonElement>(defaults);
        if (MessageLists.Tools(row) is { } tools)
        {
            variables.Add("tools", tools);
        }

        if (row.Has(Column))
        {
            foreach (var member in Parsed(row).EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null))
            {
                RequireFree(row.Where, member.Name);
                variables[member.Name] = member.Value.Clone();
            }
        }

        return variables;
    }

    /// <summary>Reads switches as an option has them: one JSON object.</summary>
    /// <exception cref="ArgumentException">The text is no such object, or sets what the messages decide.</exception>
    public static IReadOnlyDictionary<string, JsonElement> Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in document.RootElement.EnumerateObject())
                {
                    RequireFree("`ChatTemplateKwargs`", member.Name);
                }

                return document.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.Clone());
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or InvalidDataException or ArgumentException)
        {
            throw new ArgumentException(e is InvalidDataException ? e.Message : Expected(text), e);
        }

        throw new ArgumentException(Expected(text));
    }

    /// <summary>Switches in one form only: one JSON object, its members sorted.</summary>
    public static string Text(IReadOnlyDictionary<string, JsonElement> variables) =>
        JsonSerializer.Serialize(new SortedDictionary<string, JsonElement>(variables.ToDictionary(), StringComparer.Ordinal));

    static string Expected(string text) =>
        $"`ChatTemplateKwargs` is '{text}'; expected one JSON object of the template's switches, such as {{\"enable_thinking\": false}}.";

    // datasets stores objects of different members as text.
    static JsonElement Parsed(JsonRow row)
    {
        var given = row.Value.GetProperty(Column);
        if (given.ValueKind != JsonValueKind.String)
        {
            return row.Part(Column, JsonValueKind.Object);
        }

        try
        {
            using var document = JsonDocument.Parse(row.TextOf(Column));
            return (row with
            {
                Value = JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement>
                {
                    [Column] = document.RootElement,
                })
            }).Part(Column, JsonValueKind.Object);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{row.Where}: '{Column}' is a text that is no JSON; expected an object of switches.", e);
        }
    }

    static void RequireFree(string where, string name)
    {
        if (Reserved.Contains(name))
        {
            throw new InvalidDataException(
                $"{where}: '{Column}' sets '{name}', which the messages and the tokenizer decide. Leave it out.");
        }
    }
}
