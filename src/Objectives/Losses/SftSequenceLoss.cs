namespace OrtDpo.Objectives.Losses;

/// <summary>
/// Supervised: the negative log-likelihood of the chosen completions as a mean over <em>completions</em> of the mean over tokens: −ℓ / |y|.
/// </summary>
static class SftSequenceLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "sft_sequence",
        Description = "NLL of the chosen completions, a mean over completions (LLaMA-Factory's pref_ftx, OpenRLHF's NLL).",
        Uses = Modifiers.None,
        Rows = ObjectiveRows.Supervised,
        NeedsReference = false,
        OfPairs = t => t.B.Neg(t.ChosenMeanLogps),
        OfSupervised = t => t.B.Neg(t.B.Div(t.Logps, t.Lengths)),
    };
}
