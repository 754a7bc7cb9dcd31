using System.Collections.Immutable;

namespace OrtDpo.Graph.Building;

/// <summary>The attributes of a node: integers, floats, strings and lists of integers, by ONNX's names.</summary>
public sealed class Attributes
{
    Attributes(ImmutableSortedDictionary<string, object> values) => Values = values;

    public static Attributes None { get; } = new(ImmutableSortedDictionary<string, object>.Empty.WithComparers(StringComparer.Ordinal));

    /// <summary>Values are <see cref="long"/>, <see cref="float"/>, <see cref="string"/> or <c>long[]</c>.</summary>
    public ImmutableSortedDictionary<string, object> Values { get; }

    public Attributes With(string name, long value) => new(Values.SetItem(name, value));

    public Attributes With(string name, float value) => new(Values.SetItem(name, value));

    public Attributes With(string name, string value) => new(Values.SetItem(name, value));

    public Attributes With(string name, params long[] value) => new(Values.SetItem(name, value));

    public long Int(string name, long absent) => Values.TryGetValue(name, out var value) ? (long)value : absent;

    public float Float(string name, float absent) => Values.TryGetValue(name, out var value) ? (float)value : absent;

    public string? String(string name) => Values.TryGetValue(name, out var value) ? (string)value : null;

    public long[]? Ints(string name) => Values.TryGetValue(name, out var value) ? (long[])value : null;
}
