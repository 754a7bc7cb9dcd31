using System.Text.RegularExpressions;

namespace OrtDpo.Data;

/// <summary>Columns, and members of messages, that hold or name what a model of text never sees: pictures, sound, video.</summary>
static partial class MediaColumn
{
    /// <summary>Why a row with one is refused, and what to do.</summary>
    internal const string Advice = "the completions are about something that a model of text never sees. Leave these rows out.";

    /// <summary>Whether a column of that name is one.</summary>
    internal static bool Is(string name) => Name().IsMatch(name);

    [GeneratedRegex(
        "^(image|img|picture|photo|screenshot|video|audio)s?[-_]?(paths?|urls?|files?|bytes|data)?$|^pixel_values$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
