namespace OrtDpo.Data.Cache;

/// <summary>The reference's log-probabilities of one row's completions, token by token, in nats.</summary>
/// <param name="Chosen">Of the chosen completion's tokens.</param>
/// <param name="Rejected">Of the rejected completion's tokens; of unpaired feedback, of the mismatched completion's.</param>
public sealed record TokenLogps(float[] Chosen, float[] Rejected);
