using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Quantization;

namespace OrtDpo.MemoryBench;

/// <summary>
/// The time of products with a matrix in 4 bits: by a float32 copy that this project makes, as the engine does, and by operators of ONNX
/// Runtime in one graph, whose matrix is an input too.
/// </summary>
static class QuantizedTimes
{
    const int Rounds = 15;
    const int Block = 32;
    const int Threads = 2;

    /// <summary>A row, in milliseconds.</summary>
    /// <param name="rows">Rows of x.</param>
    /// <param name="outputs">N.</param>
    /// <param name="inputs">K, a multiple of 64.</param>
    public static unsafe string Measure(int rows, int outputs, int inputs)
    {
        var random = new Random(1);
        float[] weights = [.. Enumerable.Range(0, outputs * inputs).Select(_ => (random.NextSingle() - 0.5f) / 10)];
        float[] states = [.. Enumerable.Range(0, rows * inputs).Select(_ => random.NextSingle() - 0.5f)];
        QuantizedMatrix nf4, int4;
        fixed (float* address = weights)
        {
            var source = new SourceMatrix("w", (nint)address, SourceType.Float32, outputs, inputs);
            (nf4, int4) = (Nf4.Quantise(source, threads: Threads), Int4.Quantise(source, QuantizedFormat.Int4Symmetric, Block));
        }

        var copy = GC.AllocateUninitializedArray<float>(weights.Length, pinned: true);
        long[] shape = [rows, inputs];
        (string, Array, long[]) x = ("x", states, shape);
        (string, Array, long[]) codes = ("codes", nf4.Codes.ToArray(), nf4.Layout.Codes);
        (string, Array, long[]) scales = ("scales", nf4.Scales.ToArray(), nf4.Layout.Scales);
        (string, Array, long[]) bits = ("codes", int4.Codes.ToArray(), int4.Layout.Codes);
        (string, Array, long[]) lines = ("codes", int4.Codes.ToArray(), [outputs, inputs / 2]);
        (string, Array, long[]) steps = ("scales", int4.Scales.ToArray(), int4.Layout.Scales);
        using var plain = new Operators([Product("x", "w")], [], [x, ("w", copy, [outputs, inputs])], [rows, outputs]);
        using var bnb4 = new Operators(
            [Node("MatMulBnb4", ["x", "codes", "scales"], "y", ("K", inputs), ("N", outputs), ("block_size", 64), ("quant_type", 1),
                ("transB", 1))],
            [], [x, codes, scales], [rows, outputs]);
        using var table = new Operators(
            [
                Node("Cast", ["codes"], "index", ("to", 6)), Node("Gather", ["levels", "index"], "pairs"),
                Node("Reshape", ["pairs", "blocks"], "values"), Node("Reshape", ["scales", "column"], "factors"),
                Node("Mul", ["values", "factors"], "scaled"), Node("Reshape", ["scaled", "matrix"], "w"), Product("x", "w"),
            ],
            [
                Constant("levels", Levels(), [256, 2]), Constant("blocks", new long[] { -1, 64 }, [2]),
                Constant("column", new long[] { -1, 1 }, [2]), Constant("matrix", new long[] { outputs, inputs }, [2]),
            ],
            [x, codes, scales], [rows, outputs]);
        using var gathered = new Operators(
            [
                Node("GatherBlockQuantized", ["codes", "lines", "scales"], "w", ("bits", 4), ("block_size", Block), ("gather_axis", 0),
                    ("quantize_axis", 1)),
                Product("x", "w"),
            ],
            [Constant("lines", Enumerable.Range(0, outputs).Select(i => (long)i).ToArray(), [outputs])], [x, lines, steps],
            [rows, outputs]);
        using var nbits = new Operators(
            [Node("MatMulNBits", ["x", "codes", "scales"], "y", ("K", inputs), ("N", outputs), ("bits", 4), ("block_size", Block))],
            [], [x, bits, steps], [rows, outputs]);
        Action[] ways =
        [
            plain.Run, () => Copied(nf4), bnb4.Run, table.Run, () => Copied(int4), gathered.Run, nbits.Run, () => Copy(nf4),
            () => Copy(int4),
        ];
        double[] best = [.. ways.Select(_ => double.MaxValue)];
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (i, way) in ways.Index())
            {
                var start = Stopwatch.GetTimestamp();
                way();
                best[i] = Math.Min(best[i], Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        var cells = best.Select(ms => ms.ToString("0.0", CultureInfo.InvariantCulture));
        return $"| {rows} | {outputs}, {inputs} | {string.Join(" | ", cells)} |";

        void Copied(QuantizedMatrix matrix)
        {
            Copy(matrix);
            plain.Run();
        }

        void Copy(QuantizedMatrix matrix) => Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = Threads }, part =>
        {
            var (first, end) = (outputs * part / 8, outputs * (part + 1) / 8);
            matrix.DequantiseRows(first, end - first, copy.AsSpan(first * inputs));
        });
    }

    static float[] Levels() => [.. Enumerable.Range(0, 256).SelectMany(code => (float[])[Nf4.Levels[code >> 4], Nf4.Levels[code & 15]])];

    static NodeProto Product(string a, string b) => Node("FusedMatMul", [a, b], "y", ("transB", 1));

    static NodeProto Node(string type, string[] inputs, string output, params (string Name, long Value)[] attributes)
    {
        var isOnnx = type is "Cast" or "Gather" or "Reshape" or "Mul";
        var node = new NodeProto { OpType = type, Domain = isOnnx ? "" : "com.microsoft", Name = output, Output = { output } };
        node.Input.AddRange(inputs);
        node.Attribute.AddRange(attributes.Select(a =>
            new AttributeProto { Name = a.Name, I = a.Value, Type = AttributeProto.Types.AttributeType.Int }));
        return node;
    }

    static TensorProto Constant(string name, Array data, long[] shape)
    {
        var bytes = new byte[Buffer.ByteLength(data)];
        Buffer.BlockCopy(data, 0, bytes, 0, bytes.Length);
        return new() { Name = name, DataType = (int)TypeOf(data), Dims = { shape }, RawData = ByteString.CopyFrom(bytes) };
    }

    static TensorElementType TypeOf(Array data) => data switch
    {
        float[] => TensorElementType.Float,
        byte[] => TensorElementType.UInt8,
        _ => TensorElementType.Int64,
    };

    /// <summary>A graph with one output, in a session of its own.</summary>
    sealed class Operators : IDisposable
    {
        readonly InferenceSession session;
        readonly RunOptions options = new();
        readonly string[] names;
        readonly OrtValue[] inputs;
        readonly OrtValue[] outputs;

        public Operators(NodeProto[] nodes, TensorProto[] constants, (string Name, Array Data, long[] Shape)[] feeds, long[] shape)
        {
            var graph = new GraphProto { Name = "products", Node = { nodes }, Initializer = { constants } };
            graph.Input.AddRange(feeds.Select(feed => Info(feed.Name, TypeOf(feed.Data), feed.Shape)));
            graph.Output.Add(Info("y", TensorElementType.Float, shape));
            var model = new ModelProto
            {
                IrVersion = 10, Graph = graph,
                OpsetImport = { new OperatorSetIdProto { Version = 21 }, new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 } },
            };
            using var settings = new SessionOptions
            {
                IntraOpNumThreads = Threads, GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            };
            session = new InferenceSession(model.ToByteArray(), settings);
            names = [.. feeds.Select(feed => feed.Name)];
            inputs = [.. feeds.Select(feed => Value(feed.Data, feed.Shape))];
            outputs = [Value(new float[shape[0] * shape[1]], shape)];
        }

        public void Run() => session.Run(options, names, inputs, ["y"], outputs);

        public void Dispose()
        {
            foreach (var value in inputs.Concat(outputs))
            {
                value.Dispose();
            }

            options.Dispose();
            session.Dispose();
        }

        static ValueInfoProto Info(string name, TensorElementType type, long[] shape)
        {
            var dimensions = shape.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size });
            return new()
            {
                Name = name,
                Type = new() { TensorType = new() { ElemType = (int)type, Shape = new() { Dim = { dimensions } } } },
            };
        }

        static OrtValue Value(Array data, long[] shape) => data switch
        {
            float[] floats => OrtValue.CreateTensorValueFromMemory(floats, shape),
            byte[] bytes => OrtValue.CreateTensorValueFromMemory(bytes, shape),
            _ => OrtValue.CreateTensorValueFromMemory((long[])data, shape),
        };
    }
}
