namespace OrtDpo.Models.Decoders;

/// <summary>The numbers of a decoder that its surroundings need.</summary>
/// <param name="VocabSize">Rows of the embedding: token ids are below it.</param>
/// <param name="HiddenSize">Features of a hidden state.</param>
/// <param name="MaxPositions">The longest sequence in tokens; <see cref="Unbounded"/> where nothing says it.</param>
/// <param name="Layers">Layers; 0 where they are not told apart.</param>
public sealed record ModelSizes(int VocabSize, int HiddenSize, int MaxPositions, int Layers)
{
    /// <summary>No longest sequence is known.</summary>
    public const int Unbounded = int.MaxValue;
}
