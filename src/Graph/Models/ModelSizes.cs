namespace OrtDpo.Graph.Models;

/// <summary>The numbers of a decoder that its surroundings need.</summary>
/// <param name="VocabSize">Rows of the embedding: token ids are below it.</param>
/// <param name="HiddenSize">Features of a hidden state.</param>
/// <param name="MaxPositions">The longest sequence in tokens.</param>
/// <param name="Layers">Layers.</param>
public sealed record ModelSizes(int VocabSize, int HiddenSize, int MaxPositions, int Layers);
