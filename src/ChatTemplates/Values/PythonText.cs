using System.Globalization;
using System.Numerics;
using System.Text;

namespace OrtDpo.ChatTemplates.Values;

/// <summary>Python's <c>str</c> and <c>repr</c>: what a value is when it is written into the text.</summary>
static class PythonText
{
    public static string Of(object? value) => value switch
    {
        string text => text,
        Markup markup => markup.Text,
        Undefined => "",
        _ => Quoted(value),
    };

    /// <summary>As it stands inside of a list: <c>'a'</c>, <c>None</c>, <c>1.0</c>, <c>{'k': [1]}</c>.</summary>
    public static string Quoted(object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        double number => PythonFloat.Text(number),
        string text => Quote(text),
        List<object?> list => $"[{string.Join(", ", list.Select(Quoted))}]",
        object?[] { Length: 1 } tuple => $"({Quoted(tuple[0])},)",
        object?[] tuple => $"({string.Join(", ", tuple.Select(Quoted))})",
        DictValue dict => $"{{{string.Join(", ", dict.Entries.Select(e => $"{Quoted(e.Key)}: {Quoted(e.Value)}"))}}}",
        DictView view => $"{view.Kind}([{string.Join(", ", view.Items.Select(Quoted))}])",
        RangeValue { Step: 1 } range => FormattableString.Invariant($"range({range.Start}, {range.Stop})"),
        RangeValue range => FormattableString.Invariant($"range({range.Start}, {range.Stop}, {range.Step})"),
        Undefined => "Undefined",
        Markup markup => $"Markup({Quote(markup.Text)})",
        // Python writes an address or an internal name here, which no template means.
        _ => throw new NotSupportedException(
            $"A chat template writes a value of type {PythonType.Name(value)} as text, which is not supported. "
            + "Write its items or attributes."),
    };

    static string Quote(string text)
    {
        var mark = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var quoted = new StringBuilder().Append(mark);
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value switch
            {
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when rune.Value == mark => $"\\{mark}",
                _ when IsPrintable(rune) => rune.ToString(),
                < 0x100 => FormattableString.Invariant($"\\x{rune.Value:x2}"),
                < 0x10000 => FormattableString.Invariant($"\\u{rune.Value:x4}"),
                _ => FormattableString.Invariant($"\\U{rune.Value:x8}"),
            });
        }

        return quoted.Append(mark).ToString();
    }

    static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);
}
