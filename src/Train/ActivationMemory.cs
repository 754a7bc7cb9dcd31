namespace OrtDpo.Train;

/// <summary>What becomes of activations between forward and backward; no choice changes a number.</summary>
public enum ActivationMemory
{
    /// <summary>Kept in as many layers as the machine's memory allows, the last ones first.</summary>
    Auto,

    /// <summary>Kept: the fastest.</summary>
    Keep,

    /// <summary>Computed again: on a 100M-parameter model a third less memory for a quarter more time.</summary>
    Recompute,
}
