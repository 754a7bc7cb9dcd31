using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

/// <summary>The gradients that <see cref="Backpropagation.Append"/> wrote, by the value that they belong to.</summary>
public sealed class GradientSet
{
    readonly Dictionary<Value, List<Value>> dense = [];
    readonly Dictionary<Value, List<RowGradient>> rows = [];

    internal bool Has(Value value) => dense.ContainsKey(value) || rows.ContainsKey(value);

    internal void Add(Value value, Value gradient) => ListOf(dense, value).Add(gradient);

    internal void Add(Value value, RowGradient gradient) => ListOf(rows, value).Add(gradient);

    /// <summary>The contributions of the whole value's shape; their sum, with <see cref="Rows"/>, is the gradient.</summary>
    public IReadOnlyList<Value> Dense(Value value) => dense.TryGetValue(value, out var list) ? list : [];

    /// <summary>The contributions that touch some rows only.</summary>
    public IReadOnlyList<RowGradient> Rows(Value value) => rows.TryGetValue(value, out var list) ? list : [];

    /// <summary>
    /// The whole gradient as one value: contributions added, rows scattered. Null where the value does not influence the seeds.
    /// The scatter is right only in a session with one thread; <see cref="Building.OnnxGraph"/>s that hold it say so.
    /// </summary>
    public Value? Total(GraphBuilder b, Value value)
    {
        Value? total = null;
        foreach (var part in Dense(value))
        {
            total = total is null ? part : b.Add(total, part);
        }

        foreach (var (indices, rows) in Rows(value))
        {
            var matrix = new Shape(new Shape(value.Shape.Take(value.Shape.Rank - 1)).Elements, value.Shape[-1]);
            var sum = total ?? b.ZerosLike(value);
            var isMatrix = rows.Shape.Rank == 2;
            sum = b.Add(CompositeOps.ScatterRowsAdd, [isMatrix ? b.Reshape(sum, matrix) : sum, indices, rows]);
            total = isMatrix ? b.ReshapeLike(sum, value) : sum;
        }

        return total;
    }

    internal void Replace(Value value, Value total)
    {
        rows.Remove(value);
        dense[value] = [total];
    }

    static List<T> ListOf<T>(Dictionary<Value, List<T>> lists, Value value)
    {
        if (!lists.TryGetValue(value, out var list))
        {
            lists.Add(value, list = []);
        }

        return list;
    }
}
