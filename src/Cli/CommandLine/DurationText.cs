using System.Globalization;

namespace OrtDpo.Cli.CommandLine;

/// <summary>Spans of time in words.</summary>
static class DurationText
{
    /// <summary>A span with its two largest units: <c>42 s</c>, <c>12 min 5 s</c>, <c>3 h 10 min</c>, <c>2 d 4 h</c>.</summary>
    public static string Of(TimeSpan span)
    {
        // Whole seconds, so that 59.7 s are no 60 s.
        var seconds = (long)Math.Round(span.TotalSeconds);
        return seconds switch
        {
            < 60 => Text($"{seconds} s"),
            < 3600 => Text($"{seconds / 60} min {seconds % 60} s"),
            < 86400 => Text($"{seconds / 3600} h {seconds % 3600 / 60} min"),
            _ => Text($"{seconds / 86400} d {seconds % 86400 / 3600} h"),
        };
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
