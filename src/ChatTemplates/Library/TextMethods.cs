using OrtDpo.ChatTemplates.Syntax;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

/// <summary>Python's methods of str.</summary>
static class TextMethods
{
    // Python has these too.
    static readonly string[] Refused =
    [
        "casefold", "center", "encode", "expandtabs", "format", "format_map", "index", "isalnum", "isalpha", "isascii", "isdecimal",
        "isdigit", "isidentifier", "islower", "isnumeric", "isprintable", "istitle", "isupper", "ljust", "maketrans", "rindex", "rjust",
        "swapcase", "translate", "zfill",
    ];

    public static Callable? Find(string text, string name, Place place)
    {
        Func<Arguments, object?>? body = name switch
        {
            "capitalize" => a => TextCase.Capitalize(text, a.Place),
            "count" => a => Count(text, Part(a, "sub")),
            "endswith" => a => AnyEdge(a, "suffix", part => text.EndsWith(part, StringComparison.Ordinal)),
            "find" => a => Find(text, text.IndexOf(Part(a, "sub"), StringComparison.Ordinal)),
            "isspace" => _ => text.Length > 0 && Whitespace.Skip(text, 0) == text.Length,
            "join" => a => string.Join(text, PythonValue.Items(a.Bind(required: 1, "iterable")[0], a.Place).Select(i => Item(i, a))),
            "lower" => a => TextCase.Lower(text, a.Place),
            "lstrip" => a => Strip(text, a, Whitespace.TrimStart, (t, c) => t.TrimStart(c)),
            "partition" => a => Partition(text, a, text.IndexOf),
            "removeprefix" => a =>
                Part(a, "prefix") is var part && text.StartsWith(part, StringComparison.Ordinal) ? text[part.Length..] : text,
            "removesuffix" => a =>
                Part(a, "suffix") is var part && text.EndsWith(part, StringComparison.Ordinal) ? text[..^part.Length] : text,
            "replace" => a => Replace(text, a),
            "rfind" => a => Find(text, text.LastIndexOf(Part(a, "sub"), StringComparison.Ordinal)),
            "rpartition" => a => Partition(text, a, text.LastIndexOf),
            "rsplit" => a => TextSplits.Split(text, a, fromEnd: true),
            "rstrip" => a => Strip(text, a, Whitespace.TrimEnd, (t, c) => t.TrimEnd(c)),
            "split" => a => TextSplits.Split(text, a, fromEnd: false),
            "splitlines" => a => TextSplits.Lines(text, keepEnds: Arguments.Flag(a.Bind(required: 0, "keepends")[0])).ToList<object?>(),
            "startswith" => a => AnyEdge(a, "prefix", part => text.StartsWith(part, StringComparison.Ordinal)),
            "strip" => a => Strip(text, a, Whitespace.Trim, (t, c) => t.Trim(c)),
            "title" => a => TextCase.Title(text, a.Place),
            "upper" => a => TextCase.Upper(text, a.Place),
            _ when Refused.Contains(name) || name.StartsWith("__", StringComparison.Ordinal) => throw place.Lacks($"'{name}' of a string"),
            _ => null,
        };
        return body is null ? null : new Callable($"str.{name}", body);
    }

    /// <summary><c>strip</c> and the filter <c>trim</c>: of whitespace, or of the characters that are given.</summary>
    public static string Strip(
        string text, Arguments arguments, Func<string, string> ofWhitespace, Func<string, char[], string> ofCharacters)
    {
        var characters = arguments.Text(arguments.Bind(required: 0, "chars")[0], "chars");
        return characters is null ? ofWhitespace(text)
            : characters.Any(char.IsSurrogate) ? throw arguments.Place.Lacks("stripping letters beyond the basic plane")
            : characters.Length == 0 ? text
            : ofCharacters(text, characters.ToCharArray());
    }

    /// <summary>At most <paramref name="count"/> times where it is not negative; an empty old text stands between all characters.</summary>
    public static string Replace(string text, string old, string replacement, long count)
    {
        if (old.Length == 0)
        {
            var runes = CodePoints.Of(text).Cast<string>().ToList();
            var times = count < 0 ? runes.Count + 1 : Math.Min(count, runes.Count + 1);
            return string.Concat(runes.Append("").Select((rune, i) => i < times ? replacement + rune : rune));
        }

        if (count < 0)
        {
            return text.Replace(old, replacement, StringComparison.Ordinal);
        }

        return string.Join(replacement, TextSplits.At(text, old, count));
    }

    static string Replace(string text, Arguments arguments)
    {
        var values = arguments.Bind(required: 2, "old", "new", "count");
        var (old, replacement) = (Part(arguments, values[0], "old"), Part(arguments, values[1], "new"));
        return Replace(text, old, replacement, arguments.Number(values[2], "count") ?? -1);
    }

    static bool AnyEdge(Arguments arguments, string name, Func<string, bool> holds) => arguments.Bind(required: 1, name)[0] switch
    {
        object?[] parts => parts.Any(part => holds(Part(arguments, part, name))),
        var part => holds(Part(arguments, part, name)),
    };

    static object?[] Partition(string text, Arguments arguments, Func<string, StringComparison, int> find)
    {
        var separator = Part(arguments, "sep");
        var at = separator.Length > 0 ? find(separator, StringComparison.Ordinal) : throw arguments.Place.Wrong("the separator is empty.");
        return at >= 0 ? [text[..at], separator, text[(at + separator.Length)..]]
            : arguments.Called.EndsWith("rpartition", StringComparison.Ordinal) ? ["", "", text]
            : [text, "", ""];
    }

    static long Count(string text, string part) => part.Length == 0 ? CodePoints.Count(text) + 1 : TextSplits.At(text, part, -1).Count - 1;

    static long Find(string text, int at) => at < 0 ? -1 : CodePoints.Count(text[..at]);

    static string Part(Arguments arguments, string name) => Part(arguments, arguments.Bind(required: 1, name)[0], name);

    static string Part(Arguments arguments, object? value, string name) =>
        arguments.Text(value, name) ?? throw arguments.Place.Wrong($"'{name}' of {arguments.Called} is None; expected str.");

    static string Item(object? item, Arguments arguments) => item as string
        ?? throw arguments.Place.Wrong($"{arguments.Called} is given an item of type {PythonType.Name(item)}; expected str.");
}
