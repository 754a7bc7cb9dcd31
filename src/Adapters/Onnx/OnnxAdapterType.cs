using OrtDpo.Safetensors;

namespace OrtDpo.Adapters.Onnx;

/// <summary>Element types of adapters by the numbers that ONNX gives them (<c>TensorProto.DataType</c>).</summary>
static class OnnxAdapterType
{
    static readonly (int Number, WeightType Type)[] All = [(1, WeightType.F32), (10, WeightType.F16), (16, WeightType.BF16)];

    /// <summary>ONNX's number.</summary>
    /// <exception cref="ArgumentException">It is not among those of adapters.</exception>
    public static int NumberOf(WeightType type) => Array.Find(All, t => t.Type == type) is { Number: > 0 and var number }
        ? number
        : throw new ArgumentException($"The numbers of an adapter are {type}; expected F32, F16 or BF16.", nameof(type));

    /// <summary>The type of ONNX's number; null for others.</summary>
    public static WeightType? Of(int number) => Array.FindIndex(All, t => t.Number == number) is >= 0 and var at ? All[at].Type : null;

    /// <summary>Bytes of one element.</summary>
    /// <inheritdoc cref="NumberOf"/>
    public static long ByteSize(WeightType type) => NumberOf(type) > 0 ? type.ByteSize() : 0;
}
