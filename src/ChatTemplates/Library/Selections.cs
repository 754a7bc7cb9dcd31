using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

/// <summary>Filters that apply another filter, a test or an attribute to each item. Nothing (None, 0, '') counts as empty.</summary>
static class Selections
{
    public static object? Map(object? value, Arguments arguments)
    {
        if (arguments.Positional.Count == 0 && arguments.Named.ContainsKey("attribute"))
        {
            var given = arguments.Bind(required: 1, "attribute", "default");
            var part = AttributePath.Of(given[0], arguments);
            var standard = given[1] == Arguments.Absent ? null : given[1];
            return Each(value, arguments, item => part(item) is var found && found is Undefined && standard is not null ? standard : found);
        }

        var (name, rest) = Split(arguments, 0);
        var filter = Filters.Find(name ?? throw arguments.Place.Wrong("'map' needs a filter's name or an attribute."), arguments.Place);
        return Each(value, arguments, item => filter(item, rest));
    }

    public static object? Select(object? value, Arguments arguments, bool wanted)
    {
        var holds = Condition(arguments, 0);
        return Where(value, arguments, item => holds(item) == wanted);
    }

    public static object? SelectByAttribute(object? value, Arguments arguments, bool wanted)
    {
        if (arguments.Positional.Count == 0)
        {
            throw arguments.Place.Wrong($"{arguments.Called} needs the name of an attribute.");
        }

        var (part, holds) = (AttributePath.Of(arguments.Positional[0], arguments), Condition(arguments, 1));
        return Where(value, arguments, item => holds(part(item)) == wanted);
    }

    static Func<object?, bool> Condition(Arguments arguments, int at)
    {
        var (name, rest) = Split(arguments, at);
        if (name is null)
        {
            return PythonValue.IsTrue;
        }

        var test = Tests.Find(name, arguments.Place);
        return item => test(item, rest);
    }

    // The filter or test that stands at `at`, and what is given to it.
    static (string? Name, Arguments Given) Split(Arguments arguments, int at)
    {
        var name = at < arguments.Positional.Count ? arguments.Text(arguments.Positional[at], "name") : null;
        return (name, arguments with { Called = $"'{name}' in {arguments.Called}", Positional = [.. arguments.Positional.Skip(at + 1)] });
    }

    static Generator Each(object? value, Arguments arguments, Func<object?, object?> change) =>
        new(PythonValue.IsTrue(value) ? PythonValue.Items(value, arguments.Place).Select(change) : []);

    static Generator Where(object? value, Arguments arguments, Func<object?, bool> holds) =>
        new(PythonValue.IsTrue(value) ? PythonValue.Items(value, arguments.Place).Where(holds) : []);
}
