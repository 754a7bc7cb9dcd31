using OrtDpo.Autodiff.Building;

namespace OrtDpo.FakeCuda.Tests.Kernels;

/// <summary>
/// One small model for every operator that graphs hold: all that the shape inference knows, and those for weights in 4 bits. Where T is not
/// the type of the first input, a comment says what it is.
/// </summary>
static class KernelCases
{
    /// <summary>The types of the table, in the order of its columns.</summary>
    public static readonly DataType[] Types =
    [
        DataType.Float32, DataType.Float16, DataType.BFloat16, DataType.Float64, DataType.Int64, DataType.Int32, DataType.Bool,
        DataType.UInt8,
    ];

    public static readonly KernelCase[] All =
    [
        .. Elementwise(), .. Normalisations(), .. Products(), .. Shapes(), .. Indexing(), .. LanguageModels(), .. Quantised(),
    ];

    static IEnumerable<KernelCase> Elementwise()
    {
        string[] unary =
        [
            "Abs", "Ceil", "Cos", "Erf", "Exp", "Floor", "Gelu", "Identity", "IsInf", "IsNaN", "LeakyRelu", "Log", "Neg", "Not",
            "Reciprocal", "Relu", "Round", "Sigmoid", "Sign", "Sin", "Softplus", "Sqrt", "Tanh",
        ];
        string[] binary =
        [
            "Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Min", "Mul", "Or", "Pow", "Sub",
        ];
        string[] microsoft = ["FastGelu", "Gelu", "QuickGelu"];
        return
        [
            .. unary.Select(type => KernelCase.Of(type, o => o.X(2, 8))),
            .. binary.Select(type => KernelCase.Of(type, o => o.X(2, 8).X(8))),
            .. microsoft.Select(type => KernelCase.Of(new Op(Op.Microsoft, type), o => o.X(2, 8))),
            KernelCase.Of(new Op(Op.Microsoft, "BiasGelu"), o => o.X(2, 8).X(8)),
            new("Cast", "", Casts),
            KernelCase.Of("CastLike", o => o.X(2, 8).Input(DataType.Float32, 1)),
            KernelCase.Of("Clip", o => o.X(2, 8).Scalar().Scalar()),
            KernelCase.Of("Dropout", o => o.X(2, 8)),
            // Of floating numbers only the remainder with the dividend's sign is defined.
            KernelCase.Of("Mod", o => o.X(2, 8).X(8).With("fmod", o.T.IsFloat() ? 1 : 0)),
            // T is that of the values.
            KernelCase.Of("Where", o => o.Input(DataType.Bool, 2, 1).X(2, 8).X(8)),
        ];
    }

    static OneOperatorModel[] Casts(DataType from) =>
        [.. Types.Select(to => new OneOperatorModel("Cast", from).X(2, 8).With("to", (long)to))];

    static IEnumerable<KernelCase> Normalisations()
    {
        string[] reductions =
        [
            "ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
            "ReduceSumSquare",
        ];
        return
        [
            .. reductions.Select(type => KernelCase.Of(type, o => o.X(2, 4, 8).Int64s(-1))),
            KernelCase.Of("CumSum", o => o.X(2, 8).Int64(1)),
            KernelCase.Of("LayerNormalization", o => o.X(2, 8).X(8).X(8).Outputs("y", "mean", "inverse")),
            KernelCase.Of("LogSoftmax", o => o.X(2, 8)),
            KernelCase.Of("SimplifiedLayerNormalization", o => o.X(2, 8).X(8).Outputs("y", "inverse")),
            KernelCase.Of(
                new Op(Op.Microsoft, "SkipLayerNormalization"),
                o => o.X(1, 2, 8).X(1, 2, 8).X(8).X(8).X(8).Outputs("y", "", "", "sum")),
            KernelCase.Of(
                new Op(Op.Microsoft, "SkipSimplifiedLayerNormalization"),
                o => o.X(1, 2, 8).X(1, 2, 8).X(8).X(8).Outputs("y", "", "", "sum")),
            KernelCase.Of("Softmax", o => o.X(2, 8)),
        ];
    }

    static IEnumerable<KernelCase> Products() =>
    [
        KernelCase.Of("Gemm", o => o.X(8, 4).X(8, 16).X(4, 16).With("transA", 1)),
        KernelCase.Of("MatMul", o => o.X(2, 3, 8).X(8, 4)),
        KernelCase.Of(new Op(Op.Microsoft, "FusedMatMul"), o => o.X(2, 3, 8).X(4, 8).With("transB", 1)),
    ];

    static IEnumerable<KernelCase> Shapes() =>
    [
        KernelCase.Of("Concat", o => o.X(2, 8).X(2, 4).With("axis", 1)),
        // T is that of the output.
        KernelCase.Of("ConstantOfShape", o => o.Int64s(2, 8).WithZero("value")),
        KernelCase.Of("Expand", o => o.X(1, 8).Int64s(4, 8)),
        KernelCase.Of("Flatten", o => o.X(2, 4, 8)),
        KernelCase.Of("Pad", o => o.X(2, 8).Int64s(0, 1, 0, 2)),
        KernelCase.Of("Range", o => o.Number(0).Number(4).Number(1)),
        KernelCase.Of("Reshape", o => o.X(2, 8).Int64s(4, -1)),
        KernelCase.Of("Shape", o => o.X(2, 8)),
        KernelCase.Of("Size", o => o.X(2, 8)),
        KernelCase.Of("Slice", o => o.X(2, 8).Int64s(1).Int64s(6).Int64s(1)),
        KernelCase.Of("Split", o => o.X(2, 8).With("axis", 1).With("num_outputs", 2).Outputs("y", "z")),
        KernelCase.Of("Squeeze", o => o.X(2, 1, 8).Int64s(1)),
        KernelCase.Of("Tile", o => o.X(2, 8).Int64s(1, 2)),
        KernelCase.Of("Transpose", o => o.X(2, 4, 8).With("perm", [0, 2, 1])),
        KernelCase.Of("Trilu", o => o.X(8, 8)),
        KernelCase.Of("Unsqueeze", o => o.X(2, 8).Int64s(1)),
    ];

    static IEnumerable<KernelCase> Indexing() =>
    [
        KernelCase.Of("Gather", o => o.X(4, 8).Input(DataType.Int64, 2, 3)),
        KernelCase.Of("GatherElements", o => o.X(4, 8).Input(DataType.Int64, 4, 1).With("axis", 1)),
        KernelCase.Of("GatherND", o => o.X(4, 8).Input(DataType.Int64, 3, 1)),
        KernelCase.Of("NonZero", o => o.X(2, 8)),
        KernelCase.Of("ScatterElements", o => o.X(4, 8).Input(DataType.Int64, 4, 1).X(4, 1).With("axis", 1)),
        KernelCase.Of(
            "ScatterElements", o => o.X(4, 8).Input(DataType.Int64, 4, 1).X(4, 1).With("axis", 1).With("reduction", "add"), "add"),
        KernelCase.Of("ScatterND", o => o.X(4, 8).Input(DataType.Int64, 3, 1).X(3, 8)),
        KernelCase.Of("ScatterND", o => o.X(4, 8).Input(DataType.Int64, 3, 1).X(3, 8).With("reduction", "add"), "add"),
        KernelCase.Of("TopK", o => o.X(2, 8).Int64s(3).Outputs("y", "indices")),
    ];

    static IEnumerable<KernelCase> LanguageModels() =>
    [
        // Two heads of 8, over a cache of 4 keys.
        KernelCase.Of(
            new Op(Op.Microsoft, "GroupQueryAttention"),
            o => o.X(1, 3, 16).X(1, 3, 16).X(1, 3, 16).X(1, 2, 4, 8).X(1, 2, 4, 8).Int32s(6).Int32s(7)
                .With("num_heads", 2).With("kv_num_heads", 2).Outputs("y", "keys", "values")),
        KernelCase.Of(new Op(Op.Microsoft, "RotaryEmbedding"), o => o.X(1, 2, 3, 8).Input(DataType.Int64, 1, 3).X(16, 4).X(16, 4)),
    ];

    // Codes are uint8, two to a byte.
    static IEnumerable<KernelCase> Quantised() =>
    [
        // T is that of the scales.
        KernelCase.Of("DequantizeLinear", o => o.Input(DataType.UInt8, 8, 64).X(8).With("axis", 0)),
        // T is that of the scales.
        KernelCase.Of(
            new Op(Op.Microsoft, "GatherBlockQuantized"),
            o => o.Input(DataType.UInt8, 8, 32).Input(DataType.Int64, 3).X(8, 2).With("bits", 4).With("block_size", 32)),
        KernelCase.Of(new Op(Op.Microsoft, "MatMulBnb4"), o => Bnb4(o, transposed: true)),
        KernelCase.Of(new Op(Op.Microsoft, "MatMulBnb4"), o => Bnb4(o, transposed: false), "transB=0"),
        KernelCase.Of(
            new Op(Op.Microsoft, "MatMulNBits"),
            o => o.X(3, 64).Input(DataType.UInt8, 64, 2, 16).X(64, 2)
                .With("K", 64).With("N", 64).With("bits", 4).With("block_size", 32)),
    ];

    // A square matrix of 64: the same attributes fit both ways.
    static void Bnb4(OneOperatorModel o, bool transposed) => o.X(3, 64).Input(DataType.UInt8, 64 * 64 / 2).X(64)
        .With("K", 64).With("N", 64).With("block_size", 64).With("quant_type", 1).With("training_mode", 1)
        .With("transB", transposed ? 1 : 0);
}
