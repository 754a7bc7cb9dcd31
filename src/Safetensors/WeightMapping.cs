namespace OrtDpo.Safetensors;

/// <summary>How the bytes of a weights file are mapped into memory.</summary>
public enum WeightMapping
{
    /// <summary>Pages are shared with every process that maps the file; a write is an access violation.</summary>
    ReadOnly,

    /// <summary>A written page becomes this process's own; the file never changes. What a trained policy uses.</summary>
    CopyOnWrite,
}
