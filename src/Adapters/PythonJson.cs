using System.Collections;
using System.Globalization;
using System.Text;

namespace OrtDpo.Adapters;

/// <summary>
/// JSON as Python's <c>json.dumps</c> writes it with an indent of 2: ASCII only, so that it is read alike whatever encoding a reader takes
/// for the file's.
/// </summary>
static class PythonJson
{
    /// <summary>The text of null, bool, text, a number, a list, or members in their order; no line end after it.</summary>
    public static string Write(object? value)
    {
        var text = new StringBuilder();
        Append(text, value, indent: 0);
        return text.ToString();
    }

    static void Append(StringBuilder text, object? value, int indent)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool flag:
                text.Append(flag ? "true" : "false");
                break;
            case string words:
                AppendText(text, words);
                break;
            case int or long:
                text.Append(CultureInfo.InvariantCulture, $"{value}");
                break;
            case double number:
                text.Append(Number(number));
                break;
            case IEnumerable<KeyValuePair<string, object?>> members:
                AppendAll(text, '{', '}', members, indent, member =>
                {
                    AppendText(text, member.Key);
                    text.Append(": ");
                    Append(text, member.Value, indent + 2);
                });
                break;
            case IEnumerable list:
                AppendAll(text, '[', ']', list.Cast<object?>(), indent, element => Append(text, element, indent + 2));
                break;
            default:
                throw new ArgumentException($"A {value.GetType()} has no JSON here.", nameof(value));
        }
    }

    static void AppendAll<T>(StringBuilder text, char open, char close, IEnumerable<T> elements, int indent, Action<T> append)
    {
        text.Append(open);
        var any = false;
        foreach (var element in elements)
        {
            text.Append(any ? ",\n" : "\n").Append(' ', indent + 2);
            append(element);
            any = true;
        }

        if (any)
        {
            text.Append('\n').Append(' ', indent);
        }

        text.Append(close);
    }

    static void AppendText(StringBuilder text, string words)
    {
        text.Append('"');
        foreach (var unit in words)
        {
            _ = unit switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' or > '~' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
                _ => text.Append(unit),
            };
        }

        text.Append('"');
    }

    static string Number(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        return text.Contains('.', StringComparison.Ordinal) || text.Contains('e', StringComparison.Ordinal) ? text : text + ".0";
    }
}
