using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Onnx;

namespace OrtDpo.FakeCuda.Tests.Provider;

/// <summary>A few of the operators of a model's layer: a norm, two products, a softmax, and a vector that is part of the model.</summary>
static class SmallModel
{
    const int Rows = 32, Width = 64, Inner = 128;

    public static readonly string[] InputNames = ["x", "scale", "up", "down"];

    public static readonly string[] OutputNames = ["y"];

    public static byte[] Bytes { get; } = Write();

    public static CudaTensor[] NewInputs() =>
    [
        new(DataType.Float32, Rows, Width), new(DataType.Float32, Width), new(DataType.Float32, Inner, Width),
        new(DataType.Float32, Width, Inner),
    ];

    public static CudaTensor NewOutput() => new(DataType.Float32, Rows, Width);

    /// <summary>Rows of x in the order 0, 1, 2, …, which is computed from its size.</summary>
    public static byte[] WriteRowsByIndex()
    {
        var b = new GraphBuilder("rows");
        var x = b.Input("x", DataType.Float32, new Shape("R", Width));
        return OnnxModelWriter.ToBytes(b.Build([("y", b.Gather(x, b.Indices(x, 0)))]).Lower(LoweringKind.Fused));
    }

    static byte[] Write()
    {
        var b = new GraphBuilder("small");
        var x = b.Input("x", DataType.Float32, new Shape(Rows, Width));
        var scale = b.Input("scale", DataType.Float32, new Shape(Width));
        var up = b.Input("up", DataType.Float32, new Shape(Inner, Width));
        var down = b.Input("down", DataType.Float32, new Shape(Width, Inner));
        var inner = b.Softmax(b.Linear(b.RmsNorm(x, scale, 1e-6).Normalised, up));
        var shifted = b.Add(b.Linear(inner, down), b.Vector(new double[Width], DataType.Float32));
        return OnnxModelWriter.ToBytes(b.Build([("y", b.Add(shifted, x))]).Lower(LoweringKind.Fused));
    }
}
