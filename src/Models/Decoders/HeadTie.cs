namespace OrtDpo.Models.Decoders;

/// <summary>The output projection, and whether it is the embedding; <c>tie_word_embeddings</c> says so.</summary>
/// <param name="Head">The name of a head of its own.</param>
/// <param name="Embedding">The parameter that a tied head is.</param>
/// <param name="IsTied">What the configuration says.</param>
public sealed record HeadTie(string Head, string Embedding, bool IsTied);
