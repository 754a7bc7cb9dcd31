using System.Runtime.InteropServices;
using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Tests.Checkpoints;

/// <summary>Checkpoints with everything that one can hold, small.</summary>
static class SampleCheckpoint
{
    static readonly string[] Names = [ParameterMoments.First, ParameterMoments.Second];

    /// <summary>
    /// Parameters of every type, of no element, of rank 0, with a name in two alphabets; AdamW's state of two that train; and properties.
    /// </summary>
    public static OnDeviceCheckpoint Whole { get; } = new(
        [Floats("model.layers.0.weight", [2, 3], 1), Floats("слой.A", [1], 7)],
        [
            Floats("empty", [4, 0], 0), Floats("scalar", [], 5), Bytes("f64", WeightType.F64, [2]), Bytes("u8", WeightType.U8, [5]),
            Bytes("i8", WeightType.I8, [3]), Bytes("i16", WeightType.I16, [3]), Bytes("i32", WeightType.I32, [1, 2]),
            Bytes("i64", WeightType.I64, [3]), Bytes("bool", WeightType.BOOL, [2]),
        ])
    {
        Groups =
        [
            new(OptimizerGroup.DefaultName, 12345678901, 0.25f,
            [
                new("model.layers.0.weight", [.. Names.Select((name, i) => Floats(name, [2, 3], 10 + i))]),
                new("слой.A", [.. Names.Select((name, i) => Floats(name, [1], 20 + i))]),
            ]),
        ],
        Properties = new()
        {
            Ints = new Dictionary<string, long> { ["epoch"] = -5, [""] = long.MaxValue },
            Floats = new Dictionary<string, float> { ["best"] = 1.5f },
            Strings = new Dictionary<string, string> { ["ortdpo.artifacts"] = "{\"лоss\": \"☃\"}", ["none"] = "" },
        },
    };

    /// <summary>One of each part: a trained tensor and a frozen one, moments, a property of each type.</summary>
    public static OnDeviceCheckpoint OneOfEach { get; } = new([Floats("w", [2], 1)], [Floats("f", [1], 3)])
    {
        Groups = [new(OptimizerGroup.DefaultName, 7, 0.5f, [new("w", [Floats(ParameterMoments.First, [2], 5)])])],
        Properties = new()
        {
            Ints = new Dictionary<string, long> { ["i"] = 1 }, Floats = new Dictionary<string, float> { ["f"] = 2 },
            Strings = new Dictionary<string, string> { ["s"] = "text" },
        },
    };

    /// <summary>The smallest: one trained tensor.</summary>
    public static OnDeviceCheckpoint Small { get; } = new([Floats("w", [2], 1)], []);

    /// <summary>A float32 tensor whose numbers count up.</summary>
    public static TensorSource Floats(string name, long[] shape, float first)
    {
        var count = (int)shape.Aggregate(1L, (size, dimension) => size * dimension);
        return Of(name, WeightType.F32, shape, MemoryMarshal.AsBytes<float>([.. Enumerable.Range(0, count).Select(i => first + i)]));
    }

    /// <summary>A tensor from managed bytes.</summary>
    public static TensorSource Of(string name, WeightType type, long[] shape, ReadOnlySpan<byte> bytes)
    {
        var copy = bytes.ToArray();
        return new TensorSource(name, type, shape, Address: 0)
        {
            Reader = (offset, target) => copy.AsSpan((int)offset, target.Length).CopyTo(target),
        };
    }

    /// <summary>All bytes of a tensor.</summary>
    public static byte[] Read(TensorSource tensor)
    {
        var bytes = new byte[tensor.ByteCount];
        tensor.Read(0, bytes);
        return bytes;
    }

    /// <summary>Everything that a checkpoint holds, as text.</summary>
    public static string Describe(OnDeviceCheckpoint checkpoint)
    {
        var isNominal = checkpoint.IsNominal;
        return string.Join('\n',
        [
            $"nominal {isNominal}",
            .. checkpoint.Trainable.Select(t => $"trains {Tensor(t)}"),
            .. checkpoint.Frozen.Select(t => $"frozen {Tensor(t)}"),
            .. checkpoint.Groups.Select(group => $"group {group.Name} {group.Step} {group.InitialLearningRate:R}\n"
                + string.Join('\n', group.States.Select(s => $"{s.Parameter}: {string.Join(", ", s.Moments.Select(Tensor))}"))),
            .. checkpoint.Properties.Ints.Select(entry => $"{entry.Key} {entry.Value}"),
            .. checkpoint.Properties.Floats.Select(entry => $"{entry.Key} {entry.Value:R}"),
            .. checkpoint.Properties.Strings.Select(entry => $"{entry.Key} {entry.Value}"),
        ]);

        string Tensor(TensorSource tensor) => $"{tensor.Name} {tensor.Type} "
            + (isNominal ? "" : $"{TensorEntry.Describe(tensor.Shape)} {Convert.ToHexString(Read(tensor))}");
    }

    static TensorSource Bytes(string name, WeightType type, long[] shape)
    {
        var count = (int)shape.Aggregate((long)type.ByteSize(), (size, dimension) => size * dimension);
        return Of(name, type, shape, [.. Enumerable.Range(1, count).Select(i => (byte)(37 * i))]);
    }
}
