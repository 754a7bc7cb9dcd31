namespace OrtDpo.Runtime.Memory;

/// <summary>What native memory is for: the lines of a plan.</summary>
public enum MemoryPurpose
{
    /// <summary>Weights where they lie in their files; pages of the system's cache, which it may take back.</summary>
    WeightsMapped,

    /// <summary>Weights in 4 bits that lie in no file.</summary>
    WeightsQuantized,

    /// <summary>
    /// Weights that do not train and are not read where their file is mapped: on a device, or float32 copies, those of weights in 4 bits
    /// while a part of the model runs.
    /// </summary>
    WeightsConverted,

    /// <summary>Where weights lie that pass through the device's memory layer by layer.</summary>
    StreamSlots,

    /// <summary>The same weights in the host's memory, from which they are copied; no part of the device's.</summary>
    WeightsPinned,

    /// <summary>What graphs that compute in 16 bits read of weights that train.</summary>
    ComputeCopies,

    /// <summary>float32 weights that train.</summary>
    Masters,

    Gradients,

    /// <summary>AdamW's two moments.</summary>
    Moments,

    /// <summary>What layers make and keep, and what they need while they run.</summary>
    Activations,

    /// <summary>The same of the head: logits and what comes of them.</summary>
    Head,

    /// <summary>The same of attention where it runs in chunks.</summary>
    Attention,

    /// <summary>Keys and values of the tokens of a text that is generated.</summary>
    KeysAndValues,

    /// <summary>The batch, the loss, tables.</summary>
    Staging,

    /// <summary>A stage's tokenizer, rows and reports, in the garbage collector's memory.</summary>
    Program,
}
