namespace OrtDpo.Runtime.Models;

/// <summary>Offloading in sentences.</summary>
public static class Offloads
{
    /// <summary>Its name in a run's configuration: <c>embeddings</c>, <c>layers</c>, or both.</summary>
    public static string ConfigName(this Offload offload) => offload switch
    {
        Offload.Embeddings => "embeddings",
        Offload.Layers => "layers",
        Offload.Embeddings | Offload.Layers => "embeddings and layers",
        _ => "none",
    };

    /// <summary>Why nothing is offloaded from the processor.</summary>
    internal static string OnHost(Offload offload) =>
        $"The model's {offload.ConfigName()} are to lie in the host's memory, and the device is the processor, whose memory that is. "
        + "Choose a GPU (`Device`), or leave `Embeddings` and `Stream` out.";
}
