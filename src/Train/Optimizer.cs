namespace OrtDpo.Train;

/// <summary>What turns gradients into updates.</summary>
public enum Optimizer
{
    /// <summary>AdamW with float32 moments.</summary>
    AdamW,

    /// <summary>AdamW with the moments of large tensors in 8 bits: 10 bytes a parameter in place of 16.</summary>
    AdamW8Bit,
}

public static class Optimizers
{
    /// <summary>The name that <c>config.yaml</c> and messages have.</summary>
    public static string ConfigName(this Optimizer optimizer) => optimizer switch
    {
        Optimizer.AdamW => "adamw",
        Optimizer.AdamW8Bit => "adamw8bit",
        _ => throw new ArgumentOutOfRangeException(nameof(optimizer), optimizer, "Unknown optimizer."),
    };

    /// <summary>That an optimizer has no form for other devices, as the beginning of a sentence; null: it has.</summary>
    internal static string? OnCpuAlone(this Optimizer optimizer) =>
        optimizer == Optimizer.AdamW8Bit ? $"`{nameof(Optimizer)}` {optimizer.ConfigName()} runs on the processor alone" : null;
}
