using System.Collections;
using System.Collections.Immutable;

namespace OrtDpo.Autodiff.Building;

/// <summary>The dimensions of a value; the rank is always known, sizes may be symbolic.</summary>
public sealed class Shape : IReadOnlyList<Dim>, IEquatable<Shape>
{
    readonly ImmutableArray<Dim> dims;

    public Shape(params IEnumerable<Dim> dims) => this.dims = [.. dims];

    public static Shape Scalar { get; } = new();

    public int Rank => dims.Length;

    int IReadOnlyCollection<Dim>.Count => dims.Length;

    /// <summary>The dimension at <paramref name="axis"/>; negative axes count from the end.</summary>
    public Dim this[int axis] => dims[axis < 0 ? axis + dims.Length : axis];

    /// <summary>Product of all dimensions.</summary>
    public Dim Elements => dims.Aggregate(Dim.One, (a, b) => a * b);

    /// <summary>An axis in [0, rank).</summary>
    /// <exception cref="ShapeException">The axis is outside [−rank, rank).</exception>
    public int Axis(long axis) => axis >= -Rank && axis < Rank
        ? (int)(axis < 0 ? axis + Rank : axis)
        : throw new ShapeException($"Axis {axis} does not exist in shape {this}.");

    /// <summary>The same shape with the dimension at <paramref name="axis"/> replaced.</summary>
    public Shape With(int axis, Dim dim) => new(dims.SetItem(Axis(axis), dim));

    public long[] Evaluate(IReadOnlyDictionary<string, long> sizes) => [.. dims.Select(d => d.Evaluate(sizes))];

    /// <summary>The shape that two operands broadcast to (NumPy's rule), or null where they do not.</summary>
    public static Shape? Broadcast(Shape a, Shape b)
    {
        var rank = Math.Max(a.Rank, b.Rank);
        var dims = new Dim[rank];
        for (var i = 1; i <= rank; i++)
        {
            var da = i <= a.Rank ? a[^i] : Dim.One;
            var db = i <= b.Rank ? b[^i] : Dim.One;
            if (da != db && !da.IsOne && !db.IsOne)
            {
                return null;
            }

            dims[^i] = da.IsOne ? db : da;
        }

        return new Shape(dims);
    }

    public Dim this[Index index] => dims[index];

    public bool Equals(Shape? other) => other is not null && dims.SequenceEqual(other.dims);

    public override bool Equals(object? obj) => Equals(obj as Shape);

    public override int GetHashCode() => dims.Aggregate(dims.Length, HashCode.Combine);

    public override string ToString() => $"[{string.Join(", ", dims)}]";

    public IEnumerator<Dim> GetEnumerator() => ((IEnumerable<Dim>)dims).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
