using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Import;

static partial class Operators
{
    static Operand[] Unary(ImportContext c) =>
        c.K(0) is { } x && KnownArithmetic.Unary(c.Node.OpType, x) is { } known ? [known] : c.Emit(c.Node.OpType);

    static Operand[] Binary(ImportContext c) =>
        c.K(0) is { } a && c.K(1) is { } b && KnownArithmetic.Binary(c.Node.OpType, a, b) is { } known ? [known] : c.Emit(c.Node.OpType);

    static Operand[] Variadic(ImportContext c) => c.Count == 2 ? Binary(c) : c.Count == 1 ? [c.I(0)] : c.Emit(c.Node.OpType);

    static Operand[] Sum(ImportContext c) => [Enumerable.Range(0, Math.Max(c.Count, 1)).Select(c.V).Aggregate(c.B.Add)];

    // The remainder of integers with the divisor's sign, or (fmod) with the dividend's.
    static Operand[] Mod(ImportContext c)
    {
        var fmod = c.Attributes.Int("fmod", 0);
        return fmod == 0 && c.K(0) is { } a && c.K(1) is { } b && KnownArithmetic.Binary("Mod", a, b) is { } known
            ? [known]
            : c.Emit("Mod", Attributes.None.With("fmod", fmod));
    }

    // Exponents may be of another type than their base.
    static Operand[] Pow(ImportContext c)
    {
        var exponent = c.I(1);
        if (exponent.Type != c.I(0).Type)
        {
            exponent = exponent.Known is { } known && KnownArithmetic.Cast(known, c.I(0).Type) is { } cast
                ? cast
                : c.B.Cast(c.V(1), c.I(0).Type);
        }

        return c.K(0) is { } a && exponent.Known is { } b && KnownArithmetic.Binary("Pow", a, b) is { } power
            ? [power]
            : c.Emit("Pow", [c.V(0), exponent.In(c.B, c.Import.Sizes)]);
    }

    static Operand[] Softplus(ImportContext c) => [c.B.Softplus(c.V(0))];

    static Operand[] Identity(ImportContext c) => [c.I(0)];

    static Operand[] Cast(ImportContext c)
    {
        var to = (ElementType)c.Attributes.Int("to", 0);
        return CastTo(c, to.Computed() ?? throw c.Refused($"it casts to {to}; supported are {ElementTypes.Supported}"));
    }

    static Operand[] CastLike(ImportContext c) => CastTo(c, c.I(1).Type);

    static Operand[] CastTo(ImportContext c, DataType to) =>
        c.I(0).Type == to ? [c.I(0)]
        : c.I(0).IsEmpty ? [Operand.Empty(to, c.I(0).Shape)]
        : c.K(0) is { } x && KnownArithmetic.Cast(x, to) is { } known ? [known]
        : [c.B.Cast(c.V(0), to)];

    static Operand[] Where(ImportContext c) =>
        c.K(0) is { } condition && c.K(1) is { } a && c.K(2) is { } b && KnownArithmetic.Where(condition, a, b) is { } known
            ? [known]
            : c.Emit("Where");

    static Operand[] Clip(ImportContext c)
    {
        var x = c.V(0);
        x = c.Has(1) ? c.B.Add("Max", [x, c.V(1)]) : x;
        return [c.Has(2) ? c.B.Add("Min", [x, c.V(2)]) : x];
    }

    // Models are read to be run and differentiated without noise, as exporters write them.
    static Operand[] Dropout(ImportContext c) => !c.Has(2) || c.K(2)?.Data is bool[] and [false]
        ? [c.I(0)]
        : throw c.Refused("it is in training mode; export the model in inference mode");

    // 0.5 x (1 + erf(x / √2)), or with tanh (arXiv:1606.08415).
    static Operand[] Gelu(ImportContext c) => c.Attributes.Text("approximate", "none") switch
    {
        "none" => [Gate(c.B, c.Real(0), c.B.Add("Erf", [c.B.Mul(c.V(0), c.B.Scalar(1 / Math.Sqrt(2), c.I(0).Type))]))],
        "tanh" => [TanhGelu(c.B, c.Real(0))],
        var other => throw c.Refused($"approximate is '{other}'; supported are none and tanh"),
    };

    static Operand[] LeakyRelu(ImportContext c) => c.Emit("LeakyRelu", Attributes.None.With("alpha", c.Attributes.Real("alpha", 0.01)));

    static Operand[] QuickGelu(ImportContext c) =>
        c.Emit(new Op(Op.Microsoft, "QuickGelu"), Attributes.None.With("alpha", c.Attributes.Real("alpha", 1.702)));

    static Operand[] FastGelu(ImportContext c) => [TanhGelu(c.B, c.Has(1) ? c.B.Add(c.Real(0), c.V(1)) : c.Real(0))];

    static Value TanhGelu(GraphBuilder b, Value x)
    {
        var cubic = b.Add(x, b.Mul(b.Scalar(0.044715, x.Type), b.Mul(x, b.Mul(x, x))));
        return Gate(b, x, b.Add("Tanh", [b.Mul(cubic, b.Scalar(Math.Sqrt(2 / Math.PI), x.Type))]));
    }

    static Value Gate(GraphBuilder b, Value x, Value step) => b.Mul(b.Mul(x, b.Scalar(0.5, x.Type)), b.Add(step, b.Scalar(1, x.Type)));
}
