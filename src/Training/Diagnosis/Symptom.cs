namespace OrtDpo.Training;

/// <summary>What a rule sees in the numbers of one moment.</summary>
/// <param name="Id">See <see cref="Finding.Id"/>.</param>
/// <param name="Severity">How much it matters now.</param>
/// <param name="Extent">How far it goes, above 0, in a unit of the rule's own: it is told again when this has doubled.</param>
/// <param name="Evidence">See <see cref="Finding.Evidence"/>.</param>
/// <param name="Advice">See <see cref="Finding.Advice"/>.</param>
sealed record Symptom(string Id, FindingSeverity Severity, double Extent, string Evidence, string Advice);
