namespace OrtDpo.Runs;

/// <summary>What a resumed run does otherwise than before, without deciding what is computed.</summary>
/// <param name="Note">What it was and is now.</param>
/// <param name="MovesBits">Whether last bits of what is computed may differ for it.</param>
public sealed record RunDifference(string Note, bool MovesBits);
