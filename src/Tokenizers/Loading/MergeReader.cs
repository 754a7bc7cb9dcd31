using OrtDpo.Tokenizers.Bpe;

namespace OrtDpo.Tokenizers.Loading;

/// <summary>Reads merges, written "left right" or as two strings.</summary>
/// <param name="vocabulary">The tokens that are merged and made.</param>
/// <param name="prefixLength">UTF-16 units at the beginning of a right part that the merged token lacks.</param>
sealed class MergeReader(Vocabulary vocabulary, int prefixLength = 0)
{
    public MergeTable Merges { get; } = new();

    public void Add(string left, string right, string where)
    {
        var merged = left + right[Math.Min(prefixLength, right.Length)..];
        var (leftId, rightId, id) = (vocabulary.Id(left), vocabulary.Id(right), vocabulary.Id(merged));
        if (leftId < 0 || rightId < 0 || id < 0)
        {
            var missing = leftId < 0 ? left : rightId < 0 ? right : merged;
            throw new InvalidDataException($"{where} merges '{left}' and '{right}', but '{missing}' is not in the vocabulary.");
        }

        Merges.Add(leftId, rightId, Merges.All.Count, id);
    }

    /// <summary>Adds a merge written as one string, cut at the one space that leaves tokens on both sides.</summary>
    public void Add(string merge, string where)
    {
        var spaces = Enumerable.Range(0, merge.Length).Where(i => merge[i] == ' ').ToList();
        if (spaces.Count > 1)
        {
            // A token may hold a space itself: then the vocabulary says where the cut is.
            spaces.RemoveAll(i => vocabulary.Id(merge[..i]) < 0 || vocabulary.Id(merge[(i + 1)..]) < 0
                || vocabulary.Id(merge.Remove(i, Math.Min(1 + prefixLength, merge.Length - i))) < 0);
        }

        if (spaces.Count != 1)
        {
            throw new InvalidDataException(
                $"{where} is '{merge}', where two tokens of the vocabulary with a space between them are expected.");
        }

        Add(merge[..spaces[0]], merge[(spaces[0] + 1)..], where);
    }

    public void Add(JsonPart merge)
    {
        if (merge.Element.ValueKind == System.Text.Json.JsonValueKind.String)
        {
            Add(merge.Text(), merge.Where);
            return;
        }

        var parts = merge.Items().Select(p => p.Text()).ToList();
        if (parts.Count != 2)
        {
            throw new InvalidDataException($"{merge.Where} has {parts.Count} parts, where two tokens are expected.");
        }

        Add(parts[0], parts[1], merge.Where);
    }
}
