using OrtDpo.Runtime.Attention;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Engine;

/// <summary>What the forward of a model's body leaves for its backward.</summary>
/// <param name="Hidden">The hidden states <c>[B, S, H]</c> that the head reads.</param>
/// <param name="Layers">What each layer from the first on that trains left, the last one on top.</param>
sealed record BodyTape(DeviceTensor Hidden, Stack<LayerTape> Layers) : IDisposable
{
    /// <summary>What the embedding read.</summary>
    public required Dictionary<string, DeviceTensor> Inputs { get; init; }

    /// <summary>What it saved for its backward.</summary>
    public required Dictionary<string, DeviceTensor> Embedding { get; init; }

    /// <summary>What it made for all layers.</summary>
    public required Dictionary<string, DeviceTensor> Shared { get; init; }

    /// <summary>What every layer reads beside its hidden states.</summary>
    public required Dictionary<string, DeviceTensor> LayerInputs { get; init; }

    /// <summary>The batch's rows, where attention runs in chunks.</summary>
    public required AttentionRows? Rows { get; init; }

    /// <summary>Rows of the embedding, where tokens are looked up on the host.</summary>
    public required DeviceTensor? Looked { get; init; }

    public void Dispose()
    {
        Looked?.Dispose();
        Rows?.Dispose();
    }
}
