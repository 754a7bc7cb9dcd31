namespace OrtDpo.Training;

/// <summary>What the frozen reference said of one row.</summary>
/// <param name="Chosen">Log-probability of the chosen (or only) completion, nats.</param>
/// <param name="Rejected">Log-probability of the rejected completion, nats; 0 where there is none.</param>
/// <param name="ChosenTokens">The same per token.</param>
/// <param name="RejectedTokens">The same per token.</param>
public sealed record ReferenceLogps(double Chosen, double Rejected, float[] ChosenTokens, float[] RejectedTokens);
