namespace OrtDpo.Autodiff.Building;

/// <summary>Element types, with the numbers of ONNX's <c>TensorProto.DataType</c>.</summary>
public enum DataType
{
    Float32 = 1,

    /// <summary>Stored only: no operator takes it.</summary>
    UInt8 = 2,

    /// <summary>Stored only: no operator takes it.</summary>
    Int8 = 3,
    Int32 = 6,
    Int64 = 7,
    Bool = 9,
    Float16 = 10,
    Float64 = 11,
    BFloat16 = 16,
}

public static class DataTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this DataType type) => type switch
    {
        DataType.Bool or DataType.Int8 or DataType.UInt8 => 1,
        DataType.Float16 or DataType.BFloat16 => 2,
        DataType.Float32 or DataType.Int32 => 4,
        DataType.Int64 or DataType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown element type."),
    };

    /// <summary>Whether operators take and make values of this type.</summary>
    public static bool IsComputed(this DataType type) => Enum.IsDefined(type) && type is not (DataType.Int8 or DataType.UInt8);

    /// <summary>Whether values of this type have gradients.</summary>
    public static bool IsFloat(this DataType type) => type is DataType.Float32 or DataType.Float64 or DataType.Float16 or DataType.BFloat16;
}
