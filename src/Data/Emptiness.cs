using OrtDpo.Batches;

namespace OrtDpo.Data;

/// <summary>Which word is used of a completion that says nothing.</summary>
static class Emptiness
{
    internal static DropReason Of(Judgement known, int completion) =>
        !known.Equals(Judgement.Preference.FirstOfTwo) ? DropReason.EmptyCompletion
        : completion == 0 ? DropReason.EmptyChosen
        : DropReason.EmptyRejected;

    /// <summary>Why a row with these completions cannot be used; null where each says something.</summary>
    internal static DropReason? Find(IReadOnlyList<string> completions, Judgement known)
    {
        for (var i = 0; i < completions.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(completions[i]))
            {
                return Of(known, i);
            }
        }

        return null;
    }
}
