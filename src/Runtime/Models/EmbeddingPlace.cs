namespace OrtDpo.Runtime.Models;

/// <summary>Where a frozen embedding lies that nothing but the lookup of tokens reads.</summary>
public enum EmbeddingPlace
{
    /// <summary>On the host where the device has too little memory for all, else on the device.</summary>
    Auto,

    /// <summary>On the device.</summary>
    Device,

    /// <summary>On the host, which looks tokens up and brings the device the rows of a batch.</summary>
    Host,
}
