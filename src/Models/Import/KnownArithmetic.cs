using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Import;

/// <summary>
/// Elementwise operators on known contents. What does not come out as a number or a product of sizes is null: then the graph computes it.
/// </summary>
static class KnownArithmetic
{
    public static Known? Binary(string op, Known a, Known b)
    {
        if (KnownShapes.Broadcast(a.Shape, b.Shape) is not { } shape)
        {
            return null;
        }

        var left = KnownShapes.Expand(a, shape);
        var right = KnownShapes.Expand(b, shape);
        return (left.Data, right.Data) switch
        {
            (Dim[] x, Dim[] y) => Integers(op, a.Type, shape, x, y),
            (double[] x, double[] y) => Reals(op, a.Type, shape, x, y),
            (bool[] x, bool[] y) => Map(DataType.Bool, shape, x, y, (p, q) => Logical(op, p, q)),
            _ => null,
        };
    }

    public static Known? Unary(string op, Known x) => x.Data switch
    {
        Dim[] n when op is "Neg" or "Abs" => Map(x.Type, x.Shape, n, d => Integer(op, d)),
        double[] r => Map(x.Type, x.Shape, r, v => Real(op, v) is { } result ? Rounded(x.Type, result) : null),
        bool[] b when op == "Not" => Map(DataType.Bool, x.Shape, b, v => (bool?)!v),
        _ => null,
    };

    public static Known? Where(Known condition, Known a, Known b)
    {
        if (condition.Data is not bool[] || KnownShapes.Broadcast(condition.Shape, a.Shape) is not { } first
            || KnownShapes.Broadcast(first, b.Shape) is not { } shape)
        {
            return null;
        }

        var chosen = (bool[])KnownShapes.Expand(condition, shape).Data;
        return (KnownShapes.Expand(a, shape).Data, KnownShapes.Expand(b, shape).Data) switch
        {
            (Dim[] x, Dim[] y) => new(a.Type, shape, chosen.Select((c, i) => c ? x[i] : y[i]).ToArray()),
            (double[] x, double[] y) => new(a.Type, shape, chosen.Select((c, i) => c ? x[i] : y[i]).ToArray()),
            (bool[] x, bool[] y) => new(a.Type, shape, chosen.Select((c, i) => c ? x[i] : y[i]).ToArray()),
            _ => null,
        };
    }

    /// <summary>Contents in another type; a symbol stays in integers only.</summary>
    public static Known? Cast(Known x, DataType to) => (x.Data, to) switch
    {
        (Dim[] n, DataType.Int64 or DataType.Int32) => Fits(to, n) ? x with { Type = to } : null,
        (Dim[], DataType.Bool) when x.Numbers is { } n => new(to, x.Shape, Array.ConvertAll(n, v => v != 0)),
        (Dim[], DataType.Float32 or DataType.Float64) when x.Numbers is { } n =>
            new(to, x.Shape, Array.ConvertAll(n, v => Rounded(to, v)!.Value)),
        (double[] r, DataType.Float32 or DataType.Float64) => new(to, x.Shape, Array.ConvertAll(r, v => Rounded(to, v)!.Value)),
        (double[] r, DataType.Int64 or DataType.Int32) when Array.TrueForAll(r, v => Math.Abs(v) < 1L << 53) =>
            Integral(to, x.Shape, Array.ConvertAll(r, v => (Dim)(long)Math.Truncate(v))),
        (double[] r, DataType.Bool) => new(to, x.Shape, Array.ConvertAll(r, v => v != 0)),
        (bool[] b, DataType.Bool) => x with { Data = b },
        (bool[] b, DataType.Int64 or DataType.Int32) => new(to, x.Shape, Array.ConvertAll(b, v => (Dim)(v ? 1L : 0L))),
        (bool[] b, DataType.Float32 or DataType.Float64) => new(to, x.Shape, Array.ConvertAll(b, v => v ? 1.0 : 0.0)),
        _ => null,
    };

    static Known? Integers(string op, DataType type, long[] shape, Dim[] x, Dim[] y) => op switch
    {
        "Equal" or "Less" or "LessOrEqual" or "Greater" or "GreaterOrEqual" => Map(DataType.Bool, shape, x, y, (a, b) => Compare(op, a, b)),
        _ => Map(type, shape, x, y, (a, b) => Integer(op, a, b)) is { Data: Dim[] result } ? Integral(type, shape, result) : null,
    };

    // What does not fit 32 bits is left to the graph, which wraps as the operator does.
    static Known? Integral(DataType type, long[] shape, Dim[] data) => Fits(type, data) ? new(type, shape, data) : null;

    static bool Fits(DataType type, Dim[] data) =>
        type != DataType.Int32 || Array.TrueForAll(data, d => d.Value is null or (>= int.MinValue and <= int.MaxValue));

    static Known? Reals(string op, DataType type, long[] shape, double[] x, double[] y) => op switch
    {
        "Equal" => Map(DataType.Bool, shape, x, y, (a, b) => (bool?)(a == b)),
        "Less" => Map(DataType.Bool, shape, x, y, (a, b) => (bool?)(a < b)),
        "LessOrEqual" => Map(DataType.Bool, shape, x, y, (a, b) => (bool?)(a <= b)),
        "Greater" => Map(DataType.Bool, shape, x, y, (a, b) => (bool?)(a > b)),
        "GreaterOrEqual" => Map(DataType.Bool, shape, x, y, (a, b) => (bool?)(a >= b)),
        _ => Map(type, shape, x, y, (a, b) => Real(op, a, b) is { } result ? Rounded(type, result) : null),
    };

    static Dim? Integer(string op, Dim a) => (op, a.Value) switch
    {
        ("Neg", { } x) => -x,
        ("Abs", { } x) => x < 0 ? -x : x,
        ("Abs", null) => a,
        _ => (Dim?)null,
    };

    static Dim? Integer(string op, Dim a, Dim b) => (op, a.Value, b.Value) switch
    {
        ("Add", { } x, { } y) => x + y,
        ("Sub", { } x, { } y) => x - y,
        // By −1 apart: the smallest number has no opposite, which division takes for an error.
        ("Div", { } x, -1) => -x,
        ("Mod", { }, -1) => (Dim)0,
        ("Div", { } x, { } y) when y != 0 => x / y,
        ("Mod", { } x, { } y) when y != 0 => ((x % y) + y) % y,
        ("Min", { } x, { } y) => Math.Min(x, y),
        ("Max", { } x, { } y) => Math.Max(x, y),
        ("Pow", { } x, >= 0 and { } y) => (long)Math.Pow(x, y),
        ("Mul", _, _) => a * b,
        ("Add", _, 0) or ("Sub", _, 0) => a,
        ("Add", 0, _) => b,
        ("Add", _, _) when a == b => 2 * a,
        ("Sub", _, _) when a == b => (Dim)0,
        ("Min" or "Max", _, _) when a == b => a,
        // A size is at least 1.
        ("Max", _, <= 1) => a,
        ("Max", <= 1, _) => b,
        ("Div", _, _) => a.DividedBy(b),
        ("Mod", _, _) when a.DividedBy(b) is not null => (Dim)0,
        _ => (Dim?)null,
    };

    static bool? Compare(string op, Dim a, Dim b) => (a.Value, b.Value) switch
    {
        ({ } x, { } y) => op switch
        {
            "Equal" => x == y,
            "Less" => x < y,
            "LessOrEqual" => x <= y,
            "Greater" => x > y,
            _ => x >= y,
        },
        _ when a == b => op is "Equal" or "LessOrEqual" or "GreaterOrEqual",
        // A size is at least 1.
        (null, <= 0) => op is "Greater" or "GreaterOrEqual",
        ( <= 0, null) => op is "Less" or "LessOrEqual",
        _ => null,
    };

    static bool? Logical(string op, bool a, bool b) => op switch
    {
        "And" => a && b,
        "Or" => a || b,
        "Xor" => a != b,
        "Equal" => a == b,
        _ => null,
    };

    static double? Real(string op, double a, double b) => op switch
    {
        "Add" => a + b,
        "Sub" => a - b,
        "Mul" => a * b,
        "Div" => a / b,
        "Pow" => Math.Pow(a, b),
        "Min" => Math.Min(a, b),
        "Max" => Math.Max(a, b),
        _ => null,
    };

    static double? Real(string op, double x) => op switch
    {
        "Neg" => -x,
        "Abs" => Math.Abs(x),
        "Sqrt" => Math.Sqrt(x),
        "Reciprocal" => 1 / x,
        "Exp" => Math.Exp(x),
        "Log" => Math.Log(x),
        "Floor" => Math.Floor(x),
        "Ceil" => Math.Ceiling(x),
        "Round" => Math.Round(x, MidpointRounding.ToEven),
        _ => null,
    };

    static double? Rounded(DataType type, double value) => type == DataType.Float32 ? (float)value : value;

    static Known? Map<TIn, TOut>(DataType type, long[] shape, TIn[] x, Func<TIn, TOut?> f)
        where TOut : struct => All(type, shape, Array.ConvertAll(x, v => f(v)));

    static Known? Map<TIn, TOut>(DataType type, long[] shape, TIn[] x, TIn[] y, Func<TIn, TIn, TOut?> f)
        where TOut : struct => All(type, shape, x.Zip(y, f).ToArray());

    static Known? All<T>(DataType type, long[] shape, T?[] values)
        where T : struct => Array.TrueForAll(values, v => v is not null) ? new(type, shape, Array.ConvertAll(values, v => v!.Value)) : null;
}
