namespace OrtDpo.Batches;

/// <summary>What a model says of the tokens of completions.</summary>
/// <param name="Logps">Their log-probabilities: <c>float32 [R, T]</c>, nats, 0 where padded.</param>
/// <param name="AreLikeliest">
/// <c>[R, T]</c>: whether no token of the vocabulary was likelier, as what greedy decoding would have taken; false where padded. Null where
/// the model's head does not say it.
/// </param>
public sealed record TokenScores(float[] Logps, bool[]? AreLikeliest);
