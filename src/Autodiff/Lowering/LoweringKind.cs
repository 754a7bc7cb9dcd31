namespace OrtDpo.Autodiff.Lowering;

/// <summary>What composites become.</summary>
public enum LoweringKind
{
    /// <summary>Operators that ONNX Runtime's CPU has in float64 too: the oracle of tests.</summary>
    Primitive,

    /// <summary>ONNX Runtime's fused operators: what runs. They exist in float32 only, so float64 values get the primitive form.</summary>
    Fused,

    /// <summary>
    /// The same for ONNX Runtime's CUDA provider, which lacks some kernels that the CPU has, or has them through cuDNN alone.
    /// </summary>
    Cuda,

    /// <summary>
    /// The same for ONNX Runtime 1.19.2, the last with on-device training, in graphs that run on as many threads as it likes: sums at
    /// indices that may repeat are made by an operator that adds one after the other (docs/decisions/0044).
    /// </summary>
    OnDevice,
}
