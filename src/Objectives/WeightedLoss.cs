namespace OrtDpo.Objectives;

/// <summary>One part of a mix: its terms, times a weight, are added to the others'.</summary>
readonly record struct WeightedLoss(LossDefinition Loss, double Weight);
