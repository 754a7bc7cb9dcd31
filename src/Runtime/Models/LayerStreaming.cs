namespace OrtDpo.Runtime.Models;

/// <summary>Whether the frozen weights of layers lie in the host's memory and are copied to the device layer by layer.</summary>
public enum LayerStreaming
{
    /// <summary>Where the device has too little memory for all.</summary>
    Auto,

    /// <summary>Yes.</summary>
    On,

    /// <summary>No: they lie on the device.</summary>
    Off,
}
