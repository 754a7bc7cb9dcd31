using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

/// <summary>
/// Filters that compare items; text without regard to case unless <c>case_sensitive</c> says so. Equal items keep their order.
/// </summary>
static class SortFilters
{
    public static object? Sort(object? value, Arguments arguments)
    {
        var given = arguments.Bind(required: 0, "reverse", "case_sensitive", "attribute");
        object?[] paths = given[2] is string several ? several.Split(',') : [given[2]];
        var keys = paths.Select(path => Key(path, given[1], arguments)).ToArray();
        return PythonOrder.Sort(
            PythonValue.Items(value, arguments.Place),
            item => keys.Select(key => key(item)).ToArray(),
            Arguments.Flag(given[0]),
            arguments.Place);
    }

    public static object? DictSort(object? value, Arguments arguments)
    {
        var given = arguments.Bind(required: 0, "case_sensitive", "by", "reverse");
        var dict = value as DictValue
            ?? throw arguments.Place.Wrong($"'dictsort' is given a value of type {PythonType.Name(value)}; expected a dict.");
        var by = given[1] == Arguments.Absent || given[1] is "key" ? 0L
            : given[1] is "value" ? 1L
            : throw arguments.Place.Wrong("'by' of 'dictsort' must be 'key' or 'value'.");
        return PythonOrder.Sort(DictMethods.Items(dict).Items, Key(by, given[0], arguments), Arguments.Flag(given[2]), arguments.Place);
    }

    /// <summary>The smallest item for −1, the largest for 1; of equal ones the first.</summary>
    public static object? Extreme(object? value, Arguments arguments, int sign)
    {
        var given = arguments.Bind(required: 0, "case_sensitive", "attribute");
        var key = Key(given[1], given[0], arguments);
        (object? Item, object? Key)? best = null;
        foreach (var item in PythonValue.Items(value, arguments.Place))
        {
            var found = key(item);
            if (best is not { } other || sign * PythonOrder.Compare(found, other.Key, arguments.Place) > 0)
            {
                best = (item, found);
            }
        }

        return best is { } extreme ? extreme.Item : new Undefined("an empty sequence has no smallest and no largest item");
    }

    public static object? Unique(object? value, Arguments arguments)
    {
        var given = arguments.Bind(required: 0, "case_sensitive", "attribute");
        var key = Key(given[1], given[0], arguments);
        var seen = new List<object?>();
        var unique = new List<object?>();
        foreach (var item in PythonValue.Items(value, arguments.Place))
        {
            var found = key(item);
            if (!seen.Exists(other => PythonOrder.Equals(other, found)))
            {
                seen.Add(found);
                unique.Add(item);
            }
        }

        return new Generator(unique);
    }

    static Func<object?, object?> Key(object? path, object? caseSensitive, Arguments arguments)
    {
        var (part, keepCase) = (AttributePath.Of(path, arguments), Arguments.Flag(caseSensitive));
        return item => part(item) is var key && key is string text && !keepCase ? TextCase.Lower(text, arguments.Place) : key;
    }
}
