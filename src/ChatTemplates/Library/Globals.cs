using OrtDpo.ChatTemplates.Nodes;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

/// <summary>The functions that every template sees: Jinja's, and the two that Hugging Face adds.</summary>
static class Globals
{
    // The bound that Jinja's sandbox sets.
    const int LongestRange = 100_000;

    static readonly string[] Refused = ["cycler", "joiner", "lipsum"];

    /// <summary>A scope with the functions.</summary>
    /// <param name="date">What <c>strftime_now</c> takes for today; null where it was not said.</param>
    public static Scope Open(DateOnly? date)
    {
        var scope = new Scope
        {
            ["dict"] = new Callable("dict", Dict),
            ["namespace"] = new Callable("namespace", Namespace),
            ["raise_exception"] = new Callable("raise_exception", Raise),
            ["range"] = new Callable("range", Range),
            ["strftime_now"] = new Callable("strftime_now", arguments => DateText.Format(date, arguments)),
        };
        foreach (var name in Refused)
        {
            scope[name] = new Callable(name, arguments => throw arguments.Place.Lacks($"the function '{name}'"));
        }

        return scope.Open();
    }

    static object? Raise(Arguments arguments) =>
        throw arguments.Place.Refused(
            $"the template refuses the messages (\"{PythonText.Of(arguments.Bind(required: 1, "message")[0])}\").");

    static DictValue Dict(Arguments arguments)
    {
        if (arguments.Positional.Count > 1)
        {
            throw arguments.Place.Wrong("dict is given more than one value.");
        }

        var dict = arguments.Positional.Count == 0 ? new DictValue()
            : arguments.Positional[0] is DictValue given ? given.Copy()
            : throw arguments.Place.Lacks($"dict of a value of type {PythonType.Name(arguments.Positional[0])}");
        foreach (var (name, value) in arguments.Named)
        {
            dict.Set(name, value);
        }

        return dict;
    }

    static NamespaceValue Namespace(Arguments arguments)
    {
        var space = new NamespaceValue();
        foreach (var (name, value) in Dict(arguments).Entries)
        {
            space.Attributes[PythonText.Of(name)] = value;
        }

        return space;
    }

    static RangeValue Range(Arguments arguments)
    {
        var given = arguments.Bind(required: 1, "start", "stop", "step").Select(v => arguments.Number(v, "a bound")).ToArray();
        var range = given[1] is null ? new RangeValue(0, given[0] ?? 0, 1) : new RangeValue(given[0] ?? 0, given[1]!.Value, given[2] ?? 1);
        return range.Step == 0 ? throw arguments.Place.Wrong("the step of range is 0.")
            : Math.Abs(range.Stop / 2 - range.Start / 2) > (long)LongestRange * Math.Abs(range.Step) || range.Count > LongestRange
                ? throw arguments.Place.Wrong($"range is longer than {LongestRange}.")
            : range;
    }
}
