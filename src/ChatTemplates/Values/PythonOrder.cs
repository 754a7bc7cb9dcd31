using System.Numerics;

namespace OrtDpo.ChatTemplates.Values;

/// <summary>Python's <c>==</c>, <c>&lt;</c> and <c>in</c>.</summary>
static class PythonOrder
{
    public new static bool Equals(object? a, object? b) => (a, b) switch
    {
        (Undefined, Undefined) => true,
        (Markup left, _) => Equals(left.Text, b),
        (_, Markup right) => Equals(a, right.Text),
        (string left, string right) => string.Equals(left, right, StringComparison.Ordinal),
        (List<object?> left, List<object?> right) => SameItems(left, right),
        (object?[] left, object?[] right) => SameItems(left, right),
        (DictValue left, DictValue right) =>
            left.Count == right.Count && left.Entries.All(e => right.TryGet(e.Key, out var other) && Equals(e.Value, other)),
        (RangeValue left, RangeValue right) => SameItems([.. left.Items], [.. right.Items]),
        (BigInteger left, BigInteger right) => left == right,
        _ when Whole(a) is { } left && Whole(b) is { } right => left == right,
        _ when Number(a) is { } left && Number(b) is { } right => left == right,
        _ => a is null ? b is null : ReferenceEquals(a, b),
    };

    /// <summary>Negative, zero or positive.</summary>
    public static int Compare(object? a, object? b, Place place) => (a, b) switch
    {
        (string left, string right) => CodePoints.Compare(left, right),
        (List<object?> left, List<object?> right) => CompareItems(left, right, place),
        (object?[] left, object?[] right) => CompareItems(left, right, place),
        _ when Whole(a) is { } left && Whole(b) is { } right => left.CompareTo(right),
        _ when Number(a) is { } left && Number(b) is { } right => left.CompareTo(right),
        _ => throw place.Wrong(
            $"{PythonType.Name(PythonValue.Defined(a, place))} and {PythonType.Name(PythonValue.Defined(b, place))} have no order."),
    };

    public static bool Contains(object? whole, object? part, Place place) => (whole, part) switch
    {
        (string text, string piece) => text.Contains(piece, StringComparison.Ordinal),
        (string, _) => throw place.Wrong($"'in' looks for {PythonType.Name(PythonValue.Defined(part, place))} in str; expected str."),
        (DictValue dict, _) => dict.TryGet(part, out _),
        _ => PythonValue.Items(whole, place).Any(item => Equals(item, part)),
    };

    /// <summary>From the smallest key to the largest, or the other way round; items of equal keys keep their order.</summary>
    public static List<T> Sort<T>(IEnumerable<T> items, Func<T, object?> key, bool reverse, Place place)
    {
        // Not OrderBy, which wraps what a comparison throws.
        var sorted = new List<(T Item, object? Key)>();
        foreach (var item in items)
        {
            var found = key(item);
            var at = sorted.FindIndex(other => (reverse ? -1 : 1) * Compare(other.Key, found, place) > 0);
            sorted.Insert(at < 0 ? sorted.Count : at, (item, found));
        }

        return [.. sorted.Select(s => s.Item)];
    }

    static bool SameItems(IReadOnlyList<object?> a, IReadOnlyList<object?> b) =>
        a.Count == b.Count && a.Zip(b).All(p => Equals(p.First, p.Second));

    static int CompareItems(IReadOnlyList<object?> a, IReadOnlyList<object?> b, Place place)
    {
        foreach (var (left, right) in a.Zip(b))
        {
            if (!Equals(left, right))
            {
                return Compare(left, right, place);
            }
        }

        return a.Count.CompareTo(b.Count);
    }

    static long? Whole(object? value) => value switch { long number => number, bool flag => flag ? 1 : 0, _ => null };

    static double? Number(object? value) => value is double number ? number : Whole(value);
}
