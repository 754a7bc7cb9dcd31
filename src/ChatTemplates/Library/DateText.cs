using System.Globalization;
using System.Text;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

/// <summary>
/// <c>strftime_now(format)</c>. The date is given, never taken from the clock: a rendering must be the same tomorrow. English names, as in
/// Python's C locale.
/// </summary>
static class DateText
{
    public static string Format(DateOnly? date, Arguments arguments)
    {
        var format = arguments.Text(arguments.Bind(required: 1, "format")[0], "format") ?? "";
        if (date is not { } today)
        {
            throw arguments.Place.Wrong("the template writes today's date, and none was given. "
                + "Say `TemplateDate`, such as `TemplateDate` 2026-01-31.");
        }

        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            var withoutZero = i + 2 < format.Length && format[i + 1] == '-';
            i += withoutZero ? 2 : 1;
            text.Append(Part(today, i < format.Length ? format[i] : ' ', withoutZero, arguments.Place));
        }

        return text.ToString();
    }

    static string Part(DateOnly date, char code, bool withoutZero, Place place)
    {
        if (code == '%')
        {
            return "%";
        }

        var written = code switch
        {
            'A' => "dddd",
            'a' => "ddd",
            'B' => "MMMM",
            'b' or 'h' => "MMM",
            'd' => "dd",
            'F' => "yyyy-MM-dd",
            'm' => "MM",
            'Y' => "yyyy",
            'y' => "yy",
            'e' => "",
            'j' => "",
            _ => throw place.Lacks($"'%{code}' in strftime_now"),
        };
        var text = code switch
        {
            'e' => date.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
            'j' => date.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            _ => date.ToString(written, CultureInfo.InvariantCulture),
        };
        return withoutZero ? text.TrimStart('0', ' ') : text;
    }
}
