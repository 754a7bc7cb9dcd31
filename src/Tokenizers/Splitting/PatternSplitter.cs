using Microsoft.ML.Tokenizers;
using OrtDpo.Tokenizers.Patterns;

namespace OrtDpo.Tokenizers.Splitting;

/// <summary>
/// Splits at the matches of a pattern, or between them if <paramref name="invert"/> is set. What the pattern does not match is kept.
/// </summary>
sealed class PatternSplitter(Pattern pattern, SplitBehavior behavior, bool invert = false) : PreTokenizer
{
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
    {
        var parts = Parts(text);
        var pieces = behavior switch
        {
            SplitBehavior.Removed => parts.FindAll(p => !p.Matches),
            SplitBehavior.Isolated => parts,
            SplitBehavior.MergedWithPrevious => MergeBackward(parts),
            SplitBehavior.MergedWithNext => MergeForward(parts),
            _ => MergeAlike(parts),
        };
        return pieces.Select(p => (p.Start, p.End - p.Start));
    }

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => PreTokenize(text.ToString());

    List<Part> Parts(string text)
    {
        var parts = new List<Part>();
        var done = 0;
        while (pattern.Find(text, done, out var start, out var end))
        {
            if (start > done)
            {
                parts.Add(new Part(done, start, invert));
            }

            parts.Add(new Part(start, end, !invert));
            done = end;
        }

        if (done < text.Length)
        {
            parts.Add(new Part(done, text.Length, invert));
        }

        return parts;
    }

    // Of neighbouring matches only the first joins the piece before it.
    static List<Part> MergeBackward(List<Part> parts)
    {
        var merged = new List<Part>();
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Matches && i > 0 && !parts[i - 1].Matches)
            {
                merged[^1] = merged[^1] with { End = parts[i].End };
            }
            else
            {
                merged.Add(parts[i]);
            }
        }

        return merged;
    }

    // Of neighbouring matches only the last joins the piece after it.
    static List<Part> MergeForward(List<Part> parts)
    {
        var merged = new List<Part>();
        for (var i = 0; i < parts.Count; i++)
        {
            if (!parts[i].Matches && i > 0 && parts[i - 1].Matches)
            {
                merged[^1] = merged[^1] with { End = parts[i].End };
            }
            else
            {
                merged.Add(parts[i]);
            }
        }

        return merged;
    }

    static List<Part> MergeAlike(List<Part> parts)
    {
        var merged = new List<Part>();
        foreach (var part in parts)
        {
            if (merged.Count > 0 && merged[^1].Matches == part.Matches)
            {
                merged[^1] = merged[^1] with { End = part.End };
            }
            else
            {
                merged.Add(part);
            }
        }

        return merged;
    }

    readonly record struct Part(int Start, int End, bool Matches);
}
