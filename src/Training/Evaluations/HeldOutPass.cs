namespace OrtDpo.Training;

/// <summary>What a model and an objective say of held-out rows.</summary>
/// <param name="Scored">The rows.</param>
/// <param name="Values">What the objective says of them together.</param>
/// <param name="Kl">KTO's reference point; 0 for other objectives.</param>
readonly record struct HeldOutPass(ScoredRows Scored, LossValues Values, double Kl);
