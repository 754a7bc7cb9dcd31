using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.FakeCuda.Tests.Provider;

namespace OrtDpo.FakeCuda.Tests.Kernels;

/// <summary>
/// A model of one node. Its inputs are tensors on the device but for constants, which ONNX Runtime places where they are read.
/// </summary>
/// <param name="op">The operator.</param>
/// <param name="type">The type of its main input, T.</param>
sealed class OneOperatorModel(Op op, DataType type)
{
    const int IrVersion = 10;
    const int OnnxOpset = 21;

    readonly NodeProto node = new() { Name = "node", OpType = op.Type, Domain = op.Domain };
    readonly List<TensorProto> constants = [];

    /// <summary>T.</summary>
    public DataType T => type;

    /// <summary>The tensors that a run needs, in order.</summary>
    public List<(string Name, DataType Type, long[] Shape)> Inputs { get; } = [];

    /// <summary>The names of the outputs.</summary>
    public IReadOnlyList<string> OutputNames => [.. node.Output.Where(name => name.Length > 0)];

    /// <summary>An input of type T.</summary>
    public OneOperatorModel X(params long[] shape) => Input(type, shape);

    /// <summary>An input.</summary>
    public OneOperatorModel Input(DataType inputType, params long[] shape)
    {
        var name = $"x{Inputs.Count}";
        Inputs.Add((name, inputType, shape));
        node.Input.Add(name);
        return this;
    }

    /// <summary>An int64 vector that is part of the model.</summary>
    public OneOperatorModel Int64s(params long[] values) => Constant(DataType.Int64, values, values.Length);

    /// <summary>An int64 number that is part of the model.</summary>
    public OneOperatorModel Int64(long value) => Constant(DataType.Int64, [value]);

    /// <summary>An int32 vector that is part of the model.</summary>
    public OneOperatorModel Int32s(params int[] values) => Constant(DataType.Int32, values, values.Length);

    /// <summary>A number of type T that is part of the model, whatever its value.</summary>
    public OneOperatorModel Scalar() => Constant(type, new byte[type.Size()]);

    /// <summary>A number of type T that is part of the model, if T is a type of numbers that .NET has; otherwise a zero.</summary>
    public OneOperatorModel Number(int value) => type switch
    {
        DataType.Float32 => Constant<float>(type, [value]),
        DataType.Float64 => Constant<double>(type, [value]),
        DataType.Int64 => Constant<long>(type, [value]),
        DataType.Int32 => Constant(type, [value]),
        _ => Scalar(),
    };

    /// <summary>Outputs; those with an empty name are left out. Without this there is one.</summary>
    public OneOperatorModel Outputs(params string[] names)
    {
        node.Output.Add(names);
        return this;
    }

    public OneOperatorModel With(string name, long value) =>
        With(new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value });

    public OneOperatorModel With(string name, string value) =>
        With(new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) });

    public OneOperatorModel With(string name, long[] values) =>
        With(new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } });

    /// <summary>An attribute that is a zero of type T.</summary>
    public OneOperatorModel WithZero(string name) => With(new()
    {
        Name = name, Type = AttributeProto.Types.AttributeType.Tensor,
        T = new() { DataType = (int)type, Dims = { 1 }, RawData = ByteString.CopyFrom(new byte[type.Size()]) },
    });

    public byte[] ToBytes()
    {
        if (node.Output.Count == 0)
        {
            node.Output.Add("y");
        }

        var graph = new GraphProto { Name = "one", Node = { node }, Initializer = { constants } };
        graph.Input.AddRange(Inputs.Select(input => ValueInfo(input.Name, input.Type, input.Shape)));
        // Without a type: ONNX Runtime infers it.
        graph.Output.AddRange(OutputNames.Select(name => new ValueInfoProto { Name = name }));
        return new ModelProto
        {
            IrVersion = IrVersion,
            OpsetImport =
            {
                new OperatorSetIdProto { Domain = Op.Onnx, Version = OnnxOpset },
                new OperatorSetIdProto { Domain = Op.Microsoft, Version = 1 },
            },
            Graph = graph,
        }.ToByteArray();
    }

    /// <summary>Runs it on the CUDA provider, alone, with zeros on the device.</summary>
    /// <exception cref="OnnxRuntimeException">The provider does not load it, or not run it.</exception>
    public void Run(nint stream)
    {
        using var session = CudaSession.Open(ToBytes(), stream);
        using var options = new RunOptions();
        var tensors = Inputs.Select(input => new CudaTensor(input.Type, input.Shape)).ToArray();
        try
        {
            using var outputs = session.Run(
                options, [.. Inputs.Select(input => input.Name)], [.. tensors.Select(tensor => tensor.Value)], OutputNames);
        }
        finally
        {
            foreach (var tensor in tensors)
            {
                tensor.Dispose();
            }
        }
    }

    static ValueInfoProto ValueInfo(string name, DataType type, long[] shape)
    {
        var dims = new TensorShapeProto();
        dims.Dim.AddRange(shape.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = dims } } };
    }

    OneOperatorModel With(AttributeProto attribute)
    {
        node.Attribute.Add(attribute);
        return this;
    }

    OneOperatorModel Constant<TElement>(DataType constantType, TElement[] data, params long[] shape)
        where TElement : unmanaged
    {
        var name = $"c{constants.Count}";
        constants.Add(new()
        {
            Name = name, DataType = (int)constantType, Dims = { shape },
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<TElement>(data)),
        });
        node.Input.Add(name);
        return this;
    }
}
