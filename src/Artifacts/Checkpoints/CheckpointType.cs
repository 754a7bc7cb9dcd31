using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Checkpoints;

/// <summary>Element types of checkpoints by the numbers that ONNX gives them (<c>TensorProto.DataType</c>).</summary>
static class CheckpointType
{
    /// <summary>
    /// What checkpoints hold, for messages; ONNX Runtime's may hold unsigned integers of more than 8 bits too, which no model of ours has.
    /// </summary>
    public const string Expected = "1 (float32), 2 (uint8), 3 (int8), 5 (int16), 6 (int32), 7 (int64), 9 (bool) or 11 (float64)";

    static readonly (int Number, WeightType Type)[] All =
    [
        (1, WeightType.F32), (2, WeightType.U8), (3, WeightType.I8), (5, WeightType.I16), (6, WeightType.I32), (7, WeightType.I64),
        (9, WeightType.BOOL), (11, WeightType.F64),
    ];

    /// <summary>ONNX's number; null for types that a checkpoint does not hold, the floats of 16 bits among them.</summary>
    public static int? NumberOf(WeightType type) => Array.Find(All, t => t.Type == type) is { Number: > 0 and var number } ? number : null;

    /// <summary>The type of ONNX's number; null for others.</summary>
    public static WeightType? Of(int number) => Array.FindIndex(All, t => t.Number == number) is >= 0 and var at ? All[at].Type : null;
}
