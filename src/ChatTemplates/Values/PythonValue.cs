namespace OrtDpo.ChatTemplates.Values;

/// <summary>Python's rules for truth, items and length.</summary>
static class PythonValue
{
    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        Markup markup => markup.Text.Length > 0,
        DictValue or DictView or RangeValue or List<object?> or object?[] => Count(value) > 0,
        _ => true,
    };

    /// <summary>The length; null where the value has none.</summary>
    public static int? Count(object? value) => value switch
    {
        string text => CodePoints.Count(text),
        Markup markup => CodePoints.Count(markup.Text),
        List<object?> list => list.Count,
        object?[] tuple => tuple.Length,
        DictValue dict => dict.Count,
        DictView view => view.Items.Count,
        RangeValue range => range.Count,
        Undefined => 0,
        _ => null,
    };

    /// <summary>The items that a loop over the value sees; null where it has none.</summary>
    public static IEnumerable<object?>? TryItems(object? value) => value switch
    {
        string text => CodePoints.Of(text),
        Markup markup => CodePoints.Of(markup.Text),
        List<object?> list => list,
        object?[] tuple => tuple,
        DictValue dict => dict.Keys,
        DictView view => view.Items,
        RangeValue range => range.Items,
        Generator generator => generator.Take(),
        Undefined => [],
        _ => null,
    };

    public static IEnumerable<object?> Items(object? value, Place place) =>
        TryItems(value) ?? throw place.Wrong($"a value of type {PythonType.Name(value)} has no items to go through.");

    /// <summary>Fails where a value is undefined, with the reason.</summary>
    public static object? Defined(object? value, Place place) =>
        value is Undefined undefined ? throw place.Wrong($"{undefined.Reason}.") : value;
}
