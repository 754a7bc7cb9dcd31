namespace OrtDpo.ChatTemplates.Values;

/// <summary>What a call, a filter or a test is given.</summary>
/// <param name="Place">Where it is called.</param>
/// <param name="Called">What is called, for messages.</param>
/// <param name="Positional">In order.</param>
/// <param name="Named">By name.</param>
sealed record Arguments(Place Place, string Called, IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    /// <summary>Stands where an argument was not given.</summary>
    public static readonly object Absent = new();

    static readonly Dictionary<string, object?> NoneNamed = [];

    public Arguments(Place place, string called, params IReadOnlyList<object?> positional)
        : this(place, called, positional, NoneNamed)
    {
    }

    /// <summary>
    /// The arguments in the order of <paramref name="names"/>, of which the first <paramref name="required"/> must be given.
    /// </summary>
    public object?[] Bind(int required, params ReadOnlySpan<string> names)
    {
        if (Positional.Count > names.Length)
        {
            throw Place.Wrong($"{Called} is given {Positional.Count} arguments and takes {names.Length} at most.");
        }

        foreach (var name in Named.Keys)
        {
            var index = names.IndexOf(name);
            if (index < 0 || index < Positional.Count)
            {
                throw Place.Wrong($"{Called} {(index < 0 ? "takes no argument" : "is given twice the argument")} '{name}'.");
            }
        }

        var values = new object?[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            values[i] = i < Positional.Count ? Positional[i] : Named.TryGetValue(names[i], out var value) ? value : Absent;
            if (i < required && values[i] == Absent)
            {
                throw Place.Wrong($"{Called} needs the argument '{names[i]}'.");
            }
        }

        return values;
    }

    /// <summary>An argument that must be text where it is given and not None.</summary>
    public string? Text(object? value, string name) => value switch
    {
        string text => text,
        null => null,
        _ when value == Absent => null,
        _ => throw Place.Wrong($"'{name}' of {Called} is {PythonType.Name(value)}; expected str."),
    };

    /// <summary>An argument that must be a whole number where it is given and not None.</summary>
    public long? Number(object? value, string name) => value switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        null => null,
        _ when value == Absent => null,
        _ => throw Place.Wrong($"'{name}' of {Called} is {PythonType.Name(value)}; expected int."),
    };

    /// <summary>Whether an argument is given and true.</summary>
    public static bool Flag(object? value) => value != Absent && PythonValue.IsTrue(value);
}
