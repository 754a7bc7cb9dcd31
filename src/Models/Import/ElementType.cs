using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Import;

/// <summary>ONNX's element types, with the numbers of <c>TensorProto.DataType</c>.</summary>
enum ElementType
{
    Undefined = 0,
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    Complex64 = 14,
    Complex128 = 15,
    BFloat16 = 16,
}

static class ElementTypes
{
    public const string Supported = "Float, Double, Float16, BFloat16, Bool, Int64, Int32, Int16, UInt16, Int8 and UInt8";

    /// <summary>Bytes of one element; 0 where the type is not read.</summary>
    public static int ByteSize(this ElementType type) => type switch
    {
        ElementType.Bool or ElementType.UInt8 or ElementType.Int8 => 1,
        ElementType.Float16 or ElementType.BFloat16 or ElementType.Int16 or ElementType.UInt16 => 2,
        ElementType.Float or ElementType.Int32 => 4,
        ElementType.Double or ElementType.Int64 => 8,
        _ => 0,
    };

    /// <summary>
    /// The type that computes in place of this one: 16-bit floats in float32, narrow integers in int32; null where it is not read.
    /// </summary>
    public static DataType? Computed(this ElementType type) => type switch
    {
        ElementType.Float or ElementType.Float16 or ElementType.BFloat16 => DataType.Float32,
        ElementType.Double => DataType.Float64,
        ElementType.Int64 => DataType.Int64,
        ElementType.Int32 or ElementType.Int16 or ElementType.UInt16 or ElementType.Int8 or ElementType.UInt8 => DataType.Int32,
        ElementType.Bool => DataType.Bool,
        _ => null,
    };
}
