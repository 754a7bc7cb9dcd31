namespace OrtDpo.Models.Decoders;

/// <summary>A trained tensor of a model.</summary>
/// <param name="Name">Hugging Face's name.</param>
/// <param name="Shape">The dimensions, as in the checkpoint.</param>
public readonly record struct ModelParameter(string Name, long[] Shape);
