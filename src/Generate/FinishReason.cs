namespace OrtDpo.Generate;

/// <summary>Why a text ended.</summary>
public enum FinishReason
{
    /// <summary>The model wrote a token that ends a sequence.</summary>
    Stop,

    /// <summary>It has as many tokens as were asked for.</summary>
    Length,

    /// <summary>It reaches the model's last position.</summary>
    Positions,

    /// <summary>Whoever asked for it stopped it.</summary>
    Interrupted,
}
