using System.Numerics;

namespace OrtDpo.ChatTemplates.Values;

/// <summary>
/// Python's types as .NET objects: None null, bool <see cref="bool"/>, int <see cref="long"/> (<see cref="BigInteger"/> beyond it, which
/// can only be written), float <see cref="double"/>, str <see cref="string"/>,
/// list <see cref="List{T}"/>, tuple an array, dict <see cref="DictValue"/>; the rest are the types of this folder.
/// </summary>
static class PythonType
{
    public static string Name(object? value) => value switch
    {
        null => "None",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        string => "str",
        List<object?> => "list",
        object?[] => "tuple",
        DictValue => "dict",
        DictView view => view.Kind,
        RangeValue => "range",
        Generator => "generator",
        Markup => "Markup",
        NamespaceValue => "namespace",
        Callable => "function",
        Undefined => "undefined",
        _ => "loop",
    };
}
