using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

/// <summary>
/// <c>value[start:stop:step]</c> by Python's rules: bounds beyond the ends are moved to them, negative ones count from the end.
/// </summary>
static class Slices
{
    public static object? Of(object? value, object? start, object? stop, object? step, Place place)
    {
        var count = PythonValue.Defined(value, place) switch
        {
            string text => CodePoints.Count(text),
            List<object?> list => list.Count,
            object?[] tuple => tuple.Length,
            _ => throw place.Wrong($"a value of type {PythonType.Name(value)} cannot be sliced."),
        };
        var indices = Indices(count, Bound(start, place), Bound(stop, place), Bound(step, place) ?? 1, place);
        return value switch
        {
            string text => CodePoints.At(text, indices),
            List<object?> list => indices.Select(i => list[i]).ToList(),
            _ => indices.Select(i => ((object?[])value!)[i]).ToArray(),
        };
    }

    static IEnumerable<int> Indices(int count, long? start, long? stop, long step, Place place)
    {
        if (step == 0)
        {
            throw place.Wrong("a slice's step is 0.");
        }

        // Below the first item in the direction of the step, and behind the last one.
        var (lowest, highest) = step > 0 ? (0, count) : (-1, count - 1);
        long Clamp(long bound) => Math.Clamp(bound < 0 ? bound + count : bound, lowest, highest);
        var from = start is { } first ? Clamp(first) : step > 0 ? lowest : highest;
        var to = stop is { } last ? Clamp(last) : step > 0 ? highest : lowest;
        return Walk(from, to, step);
    }

    static IEnumerable<int> Walk(long from, long to, long step)
    {
        for (var i = from; step > 0 ? i < to : i > to; i += step)
        {
            yield return (int)i;
        }
    }

    static long? Bound(object? value, Place place) => PythonValue.Defined(value, place) switch
    {
        null => null,
        long number => number,
        bool flag => flag ? 1 : 0,
        _ => throw place.Wrong($"a slice's bound is {PythonType.Name(value)}; expected int."),
    };
}
