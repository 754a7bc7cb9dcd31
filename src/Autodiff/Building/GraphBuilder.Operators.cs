namespace OrtDpo.Autodiff.Building;

/// <summary>The operators, by their ONNX names.</summary>
public sealed partial class GraphBuilder
{
    public Value Add(Value a, Value b) => Add("Add", [a, b]);

    public Value Sub(Value a, Value b) => Add("Sub", [a, b]);

    public Value Mul(Value a, Value b) => Add("Mul", [a, b]);

    public Value Div(Value a, Value b) => Add("Div", [a, b]);

    public Value Neg(Value x) => Add("Neg", [x]);

    public Value Exp(Value x) => Add("Exp", [x]);

    public Value Log(Value x) => Add("Log", [x]);

    public Value Sqrt(Value x) => Add("Sqrt", [x]);

    public Value Reciprocal(Value x) => Add("Reciprocal", [x]);

    public Value Sigmoid(Value x) => Add("Sigmoid", [x]);

    public Value Tanh(Value x) => Add("Tanh", [x]);

    /// <summary>cap · tanh(x / cap): x where it is small, and never beyond ±cap (arXiv:2408.00118).</summary>
    public Value SoftCap(Value x, double cap) => Mul(Tanh(Div(x, Scalar(cap, x.Type))), Scalar(cap, x.Type));

    /// <summary>The derivative of <see cref="SoftCap"/> where it is <paramref name="y"/>: 1 − (y / cap)².</summary>
    public Value SoftCapSlope(Value y, double cap)
    {
        var share = Div(y, Scalar(cap, y.Type));
        return Sub(Scalar(1, y.Type), Mul(share, share));
    }

    /// <summary>log(1 + eˣ), a composite whose gradient is dY · sigmoid(X).</summary>
    public Value Softplus(Value x) => Add(CompositeOps.Softplus, [x]);

    public Value Where(Value condition, Value a, Value b) => Add("Where", [condition, a, b]);

    public Value Cast(Value x, DataType to) => x.Type == to ? x : Add("Cast", [x], Attributes.None.With("to", (long)to));

    public Value Softmax(Value x, int axis = -1) => Add("Softmax", [x], Attributes.None.With("axis", (long)axis));

    public Value LogSoftmax(Value x, int axis = -1) => Add("LogSoftmax", [x], Attributes.None.With("axis", (long)axis));

    public Value ReduceSum(Value x, bool keepDims = false, params long[] axes) => Reduce("ReduceSum", x, keepDims, axes);

    public Value ReduceMean(Value x, bool keepDims = false, params long[] axes) => Reduce("ReduceMean", x, keepDims, axes);

    public Value MatMul(Value a, Value b) => Add("MatMul", [a, b]);

    /// <summary>alpha · A B, with the last two dimensions of either operand transposed.</summary>
    public Value FusedMatMul(Value a, Value b, bool transA = false, bool transB = false, double alpha = 1) =>
        Add(new Op(Op.Microsoft, "FusedMatMul"), [a, b], Product(transA, transB, alpha));

    /// <summary>alpha · A B + C for matrices; without C, alpha · A B.</summary>
    public Value Gemm(Value a, Value b, Value? c = null, bool transA = false, bool transB = false, double alpha = 1) =>
        Add("Gemm", c is null ? [a, b] : [a, b, c], Product(transA, transB, alpha));

    /// <summary>x Wᵀ for a weight <c>[out, in]</c>, Hugging Face's layout.</summary>
    public Value Linear(Value x, Value weight) => FusedMatMul(x, weight, transB: true);

    public Value Transpose(Value x, params long[] permutation) => Add("Transpose", [x], Attributes.None.With("perm", permutation));

    public Value Unsqueeze(Value x, params long[] axes) => Add("Unsqueeze", [x, Int64s(axes)]);

    public Value Squeeze(Value x, params long[] axes) => Add("Squeeze", [x, Int64s(axes)]);

    public Value Gather(Value data, Value indices, int axis = 0) =>
        Add("Gather", [data, indices], Attributes.None.With("axis", (long)axis));

    public Value GatherElements(Value data, Value indices, int axis) =>
        Add("GatherElements", [data, indices], Attributes.None.With("axis", (long)axis));

    public Value Concat(int axis, params Value[] parts) => Add("Concat", parts, Attributes.None.With("axis", (long)axis));

    public Value[] Split(Value x, int axis, int parts) =>
        [.. AddNode("Split", [x], Attributes.None.With("axis", (long)axis).With("num_outputs", (long)parts), parts)
            .Outputs.Select(v => v!)];

    /// <summary>Parts of the given sizes.</summary>
    public Value[] Split(Value x, int axis, long[] sizes) =>
        [.. AddNode("Split", [x, Int64s(sizes)], Attributes.None.With("axis", (long)axis), sizes.Length).Outputs.Select(v => v!)];

    /// <summary>As many parts as sizes, <c>int64 [parts]</c>, computed while the graph runs.</summary>
    public Value[] Split(Value x, int axis, Value sizes, int parts) =>
        [.. AddNode("Split", [x, sizes], Attributes.None.With("axis", (long)axis), parts).Outputs.Select(v => v!)];

    public Value Slice(Value x, int axis, long start, long end) => Add("Slice", [x, Int64s(start), Int64s(end), Int64s(axis)]);

    public Value ShapeOf(Value x) => Add("Shape", [x]);

    public Value Expand(Value x, Value shape) => Add("Expand", [x, shape]);

    /// <summary><paramref name="x"/> repeated to the shape of <paramref name="like"/>.</summary>
    public Value ExpandLike(Value x, Value like) => x.Shape.Equals(like.Shape) ? x : Expand(x, SizesOf(like));

    /// <summary>0, 1, …, n − 1 for the dimension n of <paramref name="x"/> at <paramref name="axis"/>: <c>int64 [n]</c>.</summary>
    public Value Indices(Value x, int axis)
    {
        var size = Add("Shape", [x], Attributes.None.With("start", (long)axis).With("end", axis + 1L));
        return Add("Range", [Int64(0), Squeeze(size, 0), Int64(1)]);
    }

    /// <summary>
    /// The same elements in another shape. The target becomes a constant where at most one dimension is neither a number nor kept in place.
    /// </summary>
    /// <exception cref="ArgumentException">The target has several such dimensions: use <see cref="ReshapeLike"/>.</exception>
    public Value Reshape(Value x, Shape target)
    {
        var dims = ConstantTarget(x.Shape, target)
            ?? throw new ArgumentException($"{x} does not reshape to {target} with a constant target.", nameof(target));
        return x.Shape.Equals(target) ? x : Add("Reshape", [x, Int64s(dims)]);
    }

    /// <summary>Whether <see cref="Reshape"/> finds a constant target.</summary>
    public static bool CanReshape(Value x, Shape target) => ConstantTarget(x.Shape, target) is not null;

    /// <summary>The elements of <paramref name="x"/> in the shape of <paramref name="like"/>.</summary>
    public Value ReshapeLike(Value x, Value like) => x.Shape.Equals(like.Shape) ? x
        : ConstantTarget(x.Shape, like.Shape) is { } dims ? Add("Reshape", [x, Int64s(dims)])
        : Add("Reshape", [x, like.Shape.All(dim => dim.Value is not null) ? ShapeOf(like) : SizesOf(like)]);

    /// <summary>A scalar of a floating type, rounded to the nearest, halves to even.</summary>
    public Value Scalar(double value, DataType type) => Constant(FloatingBits.Of([value], type), type, Shape.Scalar);

    /// <summary>A vector of a floating type, rounded likewise.</summary>
    public Value Vector(double[] values, DataType type) => Constant(FloatingBits.Of(values, type), type, new Shape(values.Length));

    /// <summary>Zeros in the shape and type of <paramref name="x"/>.</summary>
    public Value ZerosLike(Value x) => Expand(Scalar(0, x.Type), SizesOf(x));

    public Value Int64(long value) => Constant(new[] { value }, DataType.Int64, Shape.Scalar);

    public Value Int64s(params long[] values) => Constant(values, DataType.Int64, new Shape(values.Length));

    /// <summary>x · inverse root mean square over the last dimension · scale (arXiv:1910.07467), a composite; both outputs.</summary>
    public (Value Normalised, Value InverseRms) RmsNorm(Value x, Value scale, double epsilon)
    {
        var node = AddNode(CompositeOps.RmsNorm, [x, scale], Attributes.None.With("epsilon", epsilon), outputs: 2);
        return (node.Outputs[0]!, node.Outputs[1]!);
    }

    /// <summary>(x − mean) / √(variance + epsilon) · scale + bias over the last dimension (arXiv:1607.06450).</summary>
    public Value LayerNorm(Value x, Value scale, Value bias, double epsilon) =>
        AddNode("LayerNormalization", [x, scale, bias], Attributes.None.With("axis", -1L).With("epsilon", epsilon), outputs: 3).Output;

    /// <summary>x · Φ(x), Φ the normal distribution (arXiv:1606.08415): by erf, or approximately by tanh.</summary>
    public Value Gelu(Value x, bool byTanh) => Add("Gelu", [x], Attributes.None.With("approximate", byTanh ? "tanh" : "none"));

    /// <summary>
    /// Rotary positions (arXiv:2104.09864) on <c>[B, heads, S, D]</c>, halves rotated as in Hugging Face's Llama; a composite. Of a head
    /// that is wider than the tables are for, the features after the first W stay.
    /// </summary>
    /// <param name="x"><c>[B, heads, S, D]</c>.</param>
    /// <param name="positions"><c>int64 [B, S]</c>.</param>
    /// <param name="cos"><c>[positions, W / 2]</c>.</param>
    /// <param name="sin"><c>[positions, W / 2]</c>.</param>
    public Value Rope(Value x, Value positions, Value cos, Value sin) => Add(CompositeOps.Rope, [x, positions, cos, sin]);

    /// <summary>
    /// softmax(scale · Q Kᵀ + mask) V (arXiv:1706.03762, Eq. 1) with grouped heads (arXiv:2305.13245), a composite; with a soft cap c, a
    /// score s is c · tanh(s / c).
    /// </summary>
    /// <param name="queries"><c>[B, heads, S, D]</c>.</param>
    /// <param name="keys"><c>[B, groups, S, D]</c>.</param>
    /// <param name="values"><c>[B, groups, S, D]</c>.</param>
    /// <param name="mask"><c>[B, 1, S, S]</c>, added to the scores.</param>
    /// <param name="scale">What scores are multiplied by.</param>
    /// <param name="softCap">The soft cap; null: none.</param>
    /// <returns><c>[B, heads, S, D]</c>.</returns>
    public Value Attention(Value queries, Value keys, Value values, Value mask, double scale, double? softCap = null)
    {
        var attributes = Attributes.None.With("scale", scale);
        return Add(
            CompositeOps.Attention, [queries, keys, values, mask], softCap is { } cap ? attributes.With("soft_cap", cap) : attributes);
    }

    /// <summary>
    /// log softmax(hidden · weightᵀ) at <paramref name="ids"/>, a composite: <c>[M]</c> of
    /// hidden <c>[M, H]</c>, weight <c>[V, H]</c>, ids <c>[M]</c>.
    /// </summary>
    /// <remarks>
    /// Its second output, log softmax <c>[M, V]</c>, is for its gradient. With a soft cap c, a logit l is c · tanh(l / c).
    /// </remarks>
    public Value TokenLogProbs(Value hidden, Value weight, Value ids, double? softCap = null) => AddNode(
        CompositeOps.TokenLogProbs, [hidden, weight, ids], softCap is { } cap ? Attributes.None.With("soft_cap", cap) : null,
        outputs: 2).Output;

    static Attributes Product(bool transA, bool transB, double alpha) =>
        Attributes.None.With("transA", transA ? 1L : 0L).With("transB", transB ? 1L : 0L).With("alpha", alpha);

    Value Reduce(string op, Value x, bool keepDims, long[] axes) =>
        Add(op, axes.Length == 0 ? [x] : [x, Int64s(axes)], Attributes.None.With("keepdims", keepDims ? 1L : 0L));

    // Dimensions as Reshape takes them: a number, 0 = kept in place, one −1 = the rest.
    static long[]? ConstantTarget(Shape from, Shape target)
    {
        var dims = target.Select((dim, i) => dim.Value ?? (i < from.Rank && from[i] == dim ? 0 : -1)).ToArray();
        return from.Elements == target.Elements && dims.Count(d => d == -1) <= 1 && !target.Any(d => d.Value == 0) ? dims : null;
    }
}
