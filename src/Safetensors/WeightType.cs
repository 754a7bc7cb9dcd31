namespace OrtDpo.Safetensors;

/// <summary>Element types of safetensors files, by the names that the format gives them.</summary>
public enum WeightType
{
    F64,
    F32,
    F16,
    BF16,
    I64,
    I32,
    I16,
    I8,
    U8,
    BOOL,
}

public static class WeightTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int ByteSize(this WeightType type) => type switch
    {
        WeightType.F64 or WeightType.I64 => 8,
        WeightType.F32 or WeightType.I32 => 4,
        WeightType.F16 or WeightType.BF16 or WeightType.I16 => 2,
        _ => 1,
    };
}
