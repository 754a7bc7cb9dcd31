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
    /// <summary>The types that weights are saved in, by the names that <c>config.json</c> gives them.</summary>
    public static IReadOnlyDictionary<string, WeightType> Saved { get; } = new Dictionary<string, WeightType>(StringComparer.Ordinal)
    {
        ["float32"] = WeightType.F32,
        ["bfloat16"] = WeightType.BF16,
        ["float16"] = WeightType.F16,
    };

    /// <summary>The name of one of <see cref="Saved"/> in <c>config.json</c>.</summary>
    public static string ConfigName(this WeightType type) => Saved.Single(saved => saved.Value == type).Key;

    /// <summary>Bytes of one element.</summary>
    public static int ByteSize(this WeightType type) => type switch
    {
        WeightType.F64 or WeightType.I64 => 8,
        WeightType.F32 or WeightType.I32 => 4,
        WeightType.F16 or WeightType.BF16 or WeightType.I16 => 2,
        _ => 1,
    };
}
