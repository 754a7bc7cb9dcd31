using OrtDpo.Autodiff.Building;

namespace OrtDpo.FakeCuda.Tests.Kernels;

/// <summary>A line of the table of kernels.</summary>
/// <param name="Op">The operator.</param>
/// <param name="Variant">What tells lines of one operator apart; empty for its main line.</param>
/// <param name="Models">Models that a type T must all run.</param>
sealed record KernelCase(Op Op, string Variant, Func<DataType, IReadOnlyList<OneOperatorModel>> Models)
{
    /// <summary>The operator's name in the table.</summary>
    public string Name => Variant.Length == 0 ? Op.Type : $"{Op.Type}({Variant})";

    /// <summary>The domain in the table.</summary>
    public string Domain => Op.Domain == Op.Onnx ? "ai.onnx" : Op.Domain;

    public static KernelCase Of(Op op, Action<OneOperatorModel> write, string variant = "") => new(op, variant, type =>
    {
        var model = new OneOperatorModel(op, type);
        write(model);
        return [model];
    });

    public override string ToString() => $"{Domain} {Name}";
}
