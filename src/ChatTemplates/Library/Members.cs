using System.Globalization;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

/// <summary>Jinja's two ways to a part of a value: <c>value.name</c> looks for a method first, <c>value[key]</c> for an item.</summary>
static class Members
{
    static readonly string[] NumberMembers =
    [
        "as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator", "from_bytes", "fromhex", "hex", "imag", "is_integer",
        "numerator", "real", "to_bytes",
    ];

    public static object? Attribute(object? owner, string name, Place place)
    {
        if (Method(owner, name, place) is { } method)
        {
            return method;
        }

        return PythonValue.Defined(owner, place) switch
        {
            DictValue dict when dict.TryGet(name, out var value) => value,
            NamespaceValue space when space.Attributes.TryGetValue(name, out var value) => value,
            LoopState loop when loop.Attribute(name) is { Found: true } attribute => attribute.Value,
            Callable callable => throw place.Lacks($"'{name}' of {callable.Name}"),
            _ => Undefined.Attribute(owner, name),
        };
    }

    public static object? Item(object? owner, object? key, Place place)
    {
        switch (PythonValue.Defined(owner, place))
        {
            case DictValue dict when dict.TryGet(key, out var value):
                return value;
            case string or Markup or List<object?> or object?[] or RangeValue when key is long or bool:
                var (count, index) = (PythonValue.Count(owner)!.Value, Convert.ToInt64(key, CultureInfo.InvariantCulture));
                index += index < 0 ? count : 0;
                return index >= 0 && index < count ? At(owner, (int)index, place) : Undefined.Attribute(owner, key);
            case not DictValue when key is string name:
                return Attribute(owner, name, place);
            default:
                return key is string method && Method(owner, method, place) is { } found ? found : Undefined.Attribute(owner, key);
        }
    }

    static object? At(object? owner, int index, Place place) => owner switch
    {
        string text => CodePoints.At(text, index),
        List<object?> list => list[index],
        object?[] tuple => tuple[index],
        RangeValue range => range[index],
        _ => throw place.Lacks($"a part of {PythonType.Name(owner)}"),
    };

    static Callable? Method(object? owner, string name, Place place) => owner switch
    {
        string text => TextMethods.Find(text, name, place),
        Markup => throw place.Lacks($"'{name}' of a value marked by 'safe'"),
        DictValue dict => DictMethods.Find(dict, name, place),
        List<object?> list => ListMethods.Find(list, name, place),
        object?[] tuple => ListMethods.Find(tuple, name, place),
        bool or long or double when NumberMembers.Contains(name) => throw place.Lacks($"'{name}' of {PythonType.Name(owner)}"),
        _ when name.StartsWith("__", StringComparison.Ordinal) => throw place.Lacks($"'{name}'"),
        _ => null,
    };
}
