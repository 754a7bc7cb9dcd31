namespace OrtDpo.Quantization;

/// <summary>Element types that matrices are quantised from.</summary>
public enum SourceType
{
    Float32,
    Float16,
    BFloat16,
}
