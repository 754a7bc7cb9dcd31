using System.Numerics;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

/// <summary><c>value is name argument</c></summary>
delegate bool Test(object? value, Arguments arguments);

/// <summary>The tests by name.</summary>
static class Tests
{
    static readonly Dictionary<string, Test> Table = new(StringComparer.Ordinal)
    {
        ["boolean"] = (value, _) => value is bool,
        ["callable"] = (value, _) => value is Callable,
        ["defined"] = (value, _) => value is not Undefined,
        ["divisibleby"] = (value, a) => PythonOrder.Equals(Arithmetic.Binary("%", value, Other(a), a.Place), 0L),
        ["even"] = (value, a) => PythonOrder.Equals(Arithmetic.Binary("%", value, 2L, a.Place), 0L),
        ["false"] = (value, _) => value is false,
        ["float"] = (value, _) => value is double,
        ["in"] = (value, a) => PythonOrder.Contains(Other(a), value, a.Place),
        ["integer"] = (value, _) => value is long or BigInteger,
        ["iterable"] = (value, _) => IsIterable(value),
        ["lower"] = (value, a) => IsCased(value, text => TextCase.Lower(text, a.Place)),
        ["mapping"] = (value, _) => value is DictValue,
        ["none"] = (value, _) => value is null,
        ["number"] = (value, _) => value is long or BigInteger or double or bool,
        ["odd"] = (value, a) => PythonOrder.Equals(Arithmetic.Binary("%", value, 2L, a.Place), 1L),
        ["sequence"] = (value, _) => value is string or Markup or List<object?> or object?[] or DictValue or RangeValue or Undefined,
        ["string"] = (value, _) => value is string or Markup,
        ["true"] = (value, _) => value is true,
        ["undefined"] = (value, _) => value is Undefined,
        ["upper"] = (value, a) => IsCased(value, text => TextCase.Upper(text, a.Place)),
        ["eq"] = Equal,
        ["equalto"] = Equal,
        ["=="] = Equal,
        ["ne"] = NotEqual,
        ["!="] = NotEqual,
        ["lt"] = Less,
        ["lessthan"] = Less,
        ["<"] = Less,
        ["le"] = LessOrEqual,
        ["<="] = LessOrEqual,
        ["gt"] = Greater,
        ["greaterthan"] = Greater,
        [">"] = Greater,
        ["ge"] = GreaterOrEqual,
        [">="] = GreaterOrEqual,
    };

    /// <exception cref="NotSupportedException">There is no such test.</exception>
    public static Test Find(string name, Place place) =>
        Table.TryGetValue(name, out var test) ? test : throw place.Lacks($"the test '{name}'");

    static object? Other(Arguments arguments) => arguments.Bind(required: 1, "other")[0];

    static bool Equal(object? value, Arguments a) => PythonOrder.Equals(value, Other(a));

    static bool NotEqual(object? value, Arguments a) => !PythonOrder.Equals(value, Other(a));

    static bool Less(object? value, Arguments a) => PythonOrder.Compare(value, Other(a), a.Place) < 0;

    static bool LessOrEqual(object? value, Arguments a) => PythonOrder.Compare(value, Other(a), a.Place) <= 0;

    static bool Greater(object? value, Arguments a) => PythonOrder.Compare(value, Other(a), a.Place) > 0;

    static bool GreaterOrEqual(object? value, Arguments a) => PythonOrder.Compare(value, Other(a), a.Place) >= 0;

    // Asking must not use a generator up.
    static bool IsIterable(object? value) => value is Generator || PythonValue.TryItems(value) is not null;

    static bool IsCased(object? value, Func<string, string> change)
    {
        var text = PythonText.Of(value);
        return change(text) == text && text.EnumerateRunes().Any(r => System.Text.Rune.IsUpper(r) || System.Text.Rune.IsLower(r));
    }
}
