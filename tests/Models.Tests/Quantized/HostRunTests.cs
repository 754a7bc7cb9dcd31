using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Models.Import;
using OrtDpo.Models.Quantized;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>The matrices that are read are those that ONNX Runtime multiplies with.</summary>
[Trait("Speed", "native")]
public sealed class HostRunTests : IDisposable
{
    const int Rows = 6, Columns = 72;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>A product with the unit matrix gives a matrix' numbers; bytes that stand for nothing are random ones.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_product_with_the_unit_matrix_is_the_matrix(bool zeroPoints, bool flat)
    {
        var export = new HostExport { IsFlat = flat };
        var node = export.Add("/model/layers.0/mlp/down_proj/MatMul", HostMatrix.Random(Rows, Columns, 32, zeroPoints, seed: 3));
        // Codes with two dimensions are read here; ONNX Runtime 1.31 refuses them.
        var codes = export.Initializer(node.Input[1]);
        codes.Dims.Clear();
        codes.Dims.Add([Rows, 3, 16]);
        export.Model.Graph.Input.Add(Floats(node.Input[0], Columns));
        export.Model.Graph.Output.Add(Floats(node.Output[0], Rows));
        var path = export.Write(folder.File("model.onnx"), external: true);

        using var file = OnnxFile.Open(path);
        var read = new float[Rows * Columns];
        new HostedNode(file, file.Graph.Node.Single()).Matrix.Dequantise(read);
        var product = Run(path, node.Input[0]);
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                Assert.Equal(read[(row * Columns) + column], product[(column * Rows) + row]);
            }
        }
    }

    static float[] Run(string path, string input)
    {
        var unit = new float[Columns * Columns];
        for (var i = 0; i < Columns; i++)
        {
            unit[(i * Columns) + i] = 1;
        }

        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(path, options);
        using var runOptions = new RunOptions();
        using var value = OrtValue.CreateTensorValueFromMemory(unit, [Columns, Columns]);
        using var results = session.Run(runOptions, [input], [value], session.OutputNames);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    static ValueInfoProto Floats(string name, int width)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = Columns });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = width });
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)ElementType.Float, Shape = shape } } };
    }
}
