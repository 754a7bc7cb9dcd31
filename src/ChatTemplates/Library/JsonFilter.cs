using System.Numerics;
using System.Text;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

/// <summary>
/// <c>tojson</c> as Hugging Face defines it for chat templates: Python's <c>json.dumps</c> with letters as they are
/// (<c>ensure_ascii=False</c>), a blank behind ',' and ':', and no escapes for HTML.
/// </summary>
sealed class JsonFilter
{
    readonly StringBuilder text = new();
    readonly string? indention;
    readonly (string Item, string Key) separators;
    readonly bool asciiOnly;
    readonly bool sortKeys;
    readonly Place place;

    JsonFilter(Arguments arguments)
    {
        var given = arguments.Bind(required: 0, "ensure_ascii", "indent", "separators", "sort_keys");
        place = arguments.Place;
        asciiOnly = Arguments.Flag(given[0]);
        indention = given[1] as string
            ?? (arguments.Number(given[1], "indent") is { } width ? new string(' ', (int)Math.Max(0, width)) : null);
        separators = given[2] switch
        {
            IReadOnlyList<object?> and [string item, string key] => (item, key),
            null => (indention is null ? ", " : ",", ": "),
            _ when given[2] == Arguments.Absent => (indention is null ? ", " : ",", ": "),
            _ => throw place.Wrong("'separators' of 'tojson' must be two strings."),
        };
        sortKeys = Arguments.Flag(given[3]);
    }

    public static object? Write(object? value, Arguments arguments)
    {
        var json = new JsonFilter(arguments);
        json.Write(value, depth: 0);
        return json.text.ToString();
    }

    void Write(object? value, int depth)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool flag:
                text.Append(flag ? "true" : "false");
                break;
            case double number when !double.IsFinite(number):
                text.Append(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
                break;
            case long or BigInteger or double:
                text.Append(PythonText.Of(value));
                break;
            case string or Markup:
                Quote(PythonText.Of(value));
                break;
            case List<object?> or object?[]:
                WriteAll((IReadOnlyList<object?>)value, '[', ']', depth, item => Write(item, depth + 1));
                break;
            case DictValue dict:
                var entries = sortKeys ? PythonOrder.Sort(dict.Entries, e => e.Key, reverse: false, place) : [.. dict.Entries];
                WriteAll(entries, '{', '}', depth, entry => WriteEntry(entry, depth));
                break;
            default:
                var found = (value as Undefined)?.Reason ?? $"a value of type {PythonType.Name(value)}";
                throw place.Wrong($"'tojson' is given {found}, which JSON has not.");
        }
    }

    void WriteEntry(KeyValuePair<object, object?> entry, int depth)
    {
        Quote(PythonText.Of(entry.Key));
        text.Append(separators.Key);
        Write(entry.Value, depth + 1);
    }

    void WriteAll<T>(IReadOnlyList<T> items, char open, char close, int depth, Action<T> write)
    {
        text.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            text.Append(i > 0 ? separators.Item : "");
            NewLine(depth + 1);
            write(items[i]);
        }

        if (items.Count > 0)
        {
            NewLine(depth);
        }

        text.Append(close);
    }

    void NewLine(int depth)
    {
        if (indention is not null)
        {
            text.Append('\n').Insert(text.Length, indention, depth);
        }
    }

    void Quote(string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            text.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                _ when c < ' ' || (asciiOnly && c > '~') => FormattableString.Invariant($"\\u{(int)c:x4}"),
                _ => c.ToString(),
            });
        }

        text.Append('"');
    }
}
