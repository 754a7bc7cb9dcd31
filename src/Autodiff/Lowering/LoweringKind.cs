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
}
