using System.Globalization;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

/// <summary>What filters call an attribute: names and places in lists, joined by dots.</summary>
static class AttributePath
{
    /// <summary>Gives the part of a value that <paramref name="path"/> names; the value itself where none is given.</summary>
    public static Func<object?, object?> Of(object? path, Arguments arguments)
    {
        object[] keys = path switch
        {
            null => [],
            _ when path == Arguments.Absent => [],
            long place => [place],
            string text => [.. text.Split('.').Select(Key)],
            _ => throw arguments.Place.Wrong($"'attribute' of {arguments.Called} is {PythonType.Name(path)}; expected str."),
        };
        return value => keys.Aggregate(value, (part, key) => Members.Item(part, key, arguments.Place));
    }

    static object Key(string part) =>
        part.Length > 0 && part.All(char.IsAsciiDigit) ? long.Parse(part, CultureInfo.InvariantCulture) : part;
}
