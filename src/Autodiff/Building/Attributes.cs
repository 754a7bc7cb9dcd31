using System.Collections.Immutable;

namespace OrtDpo.Autodiff.Building;

/// <summary>The attributes of a node: integers, real numbers, strings and lists of integers, by ONNX's names.</summary>
/// <remarks>
/// Real numbers stay double until they are written: ONNX's are float32, which is too coarse for the float64 graphs of the tests.
/// </remarks>
public sealed class Attributes
{
    Attributes(ImmutableSortedDictionary<string, object> values) => Values = values;

    public static Attributes None { get; } = new(ImmutableSortedDictionary<string, object>.Empty.WithComparers(StringComparer.Ordinal));

    /// <summary>Values are <see cref="long"/>, <see cref="double"/>, <see cref="string"/> or <c>long[]</c>.</summary>
    public ImmutableSortedDictionary<string, object> Values { get; }

    public Attributes With(string name, long value) => new(Values.SetItem(name, value));

    public Attributes With(string name, double value) => new(Values.SetItem(name, value));

    public Attributes With(string name, string value) => new(Values.SetItem(name, value));

    public Attributes With(string name, params long[] value) => new(Values.SetItem(name, value));

    public long Int(string name, long absent) => Values.TryGetValue(name, out var value) ? (long)value : absent;

    public double Real(string name, double absent) => Values.TryGetValue(name, out var value) ? (double)value : absent;

    public string? String(string name) => Values.TryGetValue(name, out var value) ? (string)value : null;

    public long[]? Ints(string name) => Values.TryGetValue(name, out var value) ? (long[])value : null;
}
