using System.Globalization;
using OrtDpo.ChatTemplates.Syntax;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

static class NumberFilters
{
    public static object? Abs(object? value, Arguments arguments) => PythonValue.Defined(value, arguments.Place) switch
    {
        double number => Math.Abs(number),
        long number => (object)Math.Abs(number),
        _ => throw arguments.Place.Wrong($"'abs' is given a value of type {PythonType.Name(value)}; expected a number."),
    };

    /// <summary>Text that is no number gives the default, 0 if none is given; a fraction is cut.</summary>
    public static object? Int(object? value, Arguments arguments)
    {
        var given = arguments.Bind(required: 0, "default", "base");
        if (given[1] != Arguments.Absent)
        {
            throw arguments.Place.Lacks("'base' of the filter 'int'");
        }

        return ToFloat(value, arguments) switch
        {
            _ when Whole(value) is { } whole => whole,
            { } number when Math.Abs(number) < long.MaxValue => (long)number,
            { } number when double.IsFinite(number) => throw arguments.Place.Lacks("a whole number of more than 64 bits"),
            { } => throw arguments.Place.Wrong($"'int' is given {PythonText.Of(value)}, which is no finite number."),
            null => given[0] == Arguments.Absent ? 0L : given[0],
        };
    }

    public static object? Float(object? value, Arguments arguments)
    {
        var given = arguments.Bind(required: 0, "default")[0];
        return ToFloat(value, arguments) ?? (given == Arguments.Absent ? 0.0 : given);
    }

    public static object? Sum(object? value, Arguments arguments)
    {
        var given = arguments.Bind(required: 0, "attribute", "start");
        var start = given[1] == Arguments.Absent ? 0L : given[1];
        return PythonValue.Items(value, arguments.Place).Select(AttributePath.Of(given[0], arguments))
            .Aggregate(start, (sum, item) => Arithmetic.Binary("+", sum, item, arguments.Place));
    }

    static long? Whole(object? value) => value switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        string text when long.TryParse(Digits(text), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    static double? ToFloat(object? value, Arguments arguments) => PythonValue.Defined(value, arguments.Place) switch
    {
        double number => number,
        string text when double.TryParse(
            Digits(text), NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out var number) => number,
        _ => Whole(value),
    };

    // Python allows single underscores between digits.
    static string Digits(string text) =>
        Whitespace.Trim(text) is var trimmed && trimmed.Length > 2 && !trimmed.Contains("__", StringComparison.Ordinal)
        && trimmed[0] != '_' && trimmed[^1] != '_'
            ? trimmed.Replace("_", "", StringComparison.Ordinal)
            : trimmed;
}
