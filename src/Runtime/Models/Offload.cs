namespace OrtDpo.Runtime.Models;

/// <summary>What of a model's frozen weights lies in the host's memory where the device is another.</summary>
[Flags]
public enum Offload
{
    /// <summary>Nothing: all of it lies on the device.</summary>
    None = 0,

    /// <summary>The matrix that tokens are looked up in: the host looks them up, and the device gets the rows of a batch.</summary>
    Embeddings = 1,

    /// <summary>The weights of layers, which are copied to the device layer by layer while it computes.</summary>
    Layers = 2,
}
