using System.Text;

namespace OrtDpo.Tokenizers.Patterns;

/// <summary>One step of a pattern; each step knows what follows it, so that matching is a chain of calls.</summary>
abstract class PatternNode
{
    /// <summary>The end of the match of this step and all that follow, from <paramref name="at"/>; −1 if there is none.</summary>
    public abstract int Match(ReadOnlySpan<char> text, int at);

    /// <summary>The fewest code points that this step and all that follow can match.</summary>
    public abstract int MinimumLength { get; }
}

/// <summary>The end of the pattern.</summary>
sealed class AcceptNode : PatternNode
{
    public override int MinimumLength => 0;

    public override int Match(ReadOnlySpan<char> text, int at) => at;
}

/// <summary>
/// From <paramref name="minimum"/> to <paramref name="maximum"/> code points of a set, as many as possible; a <paramref name="possessive"/>
/// one never gives back what it took.
/// </summary>
sealed class RepeatNode(CodePointSet set, int minimum, int maximum, bool possessive, PatternNode next) : PatternNode
{
    public override int MinimumLength => minimum + next.MinimumLength;

    public override int Match(ReadOnlySpan<char> text, int at)
    {
        var count = 0;
        while (count < maximum && at < text.Length)
        {
            var rune = RuneAt(text, at);
            if (!set.Contains(rune.Value))
            {
                break;
            }

            at += rune.Utf16SequenceLength;
            count++;
        }

        for (; count >= minimum; count--)
        {
            var end = next.Match(text, at);
            if (end >= 0 || possessive || count == minimum)
            {
                return end;
            }

            Rune.DecodeLastFromUtf16(text[..at], out _, out var last);
            at -= last;
        }

        return -1;
    }

    // Nearly all text lies in the first plane, where TryCreate is inlined; a call for each character costs 3 % of all encoding.
    static Rune RuneAt(ReadOnlySpan<char> text, int at) => Rune.TryCreate(text[at], out var rune) ? rune : Decode(text[at..]);

    static Rune Decode(ReadOnlySpan<char> text)
    {
        Rune.DecodeFromUtf16(text, out var rune, out _);
        return rune;
    }
}

/// <summary>The first of several branches that leads to a match; each branch already ends in what follows the group.</summary>
sealed class AlternationNode(PatternNode[] branches) : PatternNode
{
    public override int MinimumLength => branches.Min(b => b.MinimumLength);

    public override int Match(ReadOnlySpan<char> text, int at)
    {
        foreach (var branch in branches)
        {
            var end = branch.Match(text, at);
            if (end >= 0)
            {
                return end;
            }
        }

        return -1;
    }
}

/// <summary>Looks ahead without taking anything.</summary>
sealed class LookaheadNode(PatternNode ahead, bool negative, PatternNode next) : PatternNode
{
    public override int MinimumLength => next.MinimumLength;

    public override int Match(ReadOnlySpan<char> text, int at) =>
        ahead.Match(text, at) >= 0 == negative ? -1 : next.Match(text, at);
}
