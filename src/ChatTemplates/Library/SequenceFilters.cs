using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

static class SequenceFilters
{
    public static object? Length(object? value, Arguments arguments) => (long)(PythonValue.Count(value)
        ?? throw arguments.Place.Wrong($"a value of type {PythonType.Name(value)} has no length"
            + $"{(value is Generator ? "; put '| list' before" : "")}."));

    public static object? First(object? value, Arguments arguments)
    {
        foreach (var item in PythonValue.Items(value, arguments.Place))
        {
            return item;
        }

        return new Undefined("an empty sequence has no first item");
    }

    public static object? Last(object? value, Arguments arguments)
    {
        var items = value is Generator
            ? throw arguments.Place.Wrong("a value of type generator has no last item; put '| list' before.")
            : PythonValue.Items(value, arguments.Place).ToList();
        return items.Count > 0 ? items[^1] : new Undefined("an empty sequence has no last item");
    }

    public static object? Items(object? value, Arguments arguments) => value switch
    {
        Undefined => new Generator([]),
        DictValue dict => new Generator(DictMethods.Items(dict).Items),
        _ => throw arguments.Place.Wrong($"'items' is given a value of type {PythonType.Name(value)}; expected a dict."),
    };

    public static object? Reverse(object? value, Arguments arguments) => value is string text
        ? CodePoints.Reverse(text)
        : new Generator(PythonValue.Items(value, arguments.Place).Reverse());
}
