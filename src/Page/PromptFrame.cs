using System.Buffers;

namespace OrtDpo.Page;

/// <summary>
/// What all prompts of a model begin and end with, as a chat template or a habit of the data has it: whoever asks the model types what
/// stands between.
/// </summary>
/// <param name="Before">What stands before a question.</param>
/// <param name="After">What stands behind it.</param>
/// <param name="Lead">The white space that all completions begin with.</param>
sealed record PromptFrame(string Before, string After, string Lead)
{
    // Of fewer, what they have in common is chance.
    const int FewestPrompts = 8;

    // Where something ends, and where something begins.
    static readonly SearchValues<char> Ends = SearchValues.Create(" \n\t:>]");
    static readonly SearchValues<char> Beginnings = SearchValues.Create(" \n\t<[");

    /// <summary>No frame.</summary>
    public static PromptFrame None { get; } = new("", "", "");

    /// <summary>The frame of pairs.</summary>
    /// <param name="pairs">As many as there are.</param>
    public static PromptFrame Of(IReadOnlyCollection<PairText> pairs)
    {
        var prompts = pairs.Select(pair => pair.Prompt).Distinct(StringComparer.Ordinal).ToList();
        if (prompts.Count < FewestPrompts)
        {
            return None;
        }

        var before = prompts.Aggregate(Common);
        // "User: W" of questions that begin with the same letter is no frame.
        before = before[..(before.AsSpan().LastIndexOfAny(Ends) + 1)];
        var after = Reversed(prompts.Select(prompt => Reversed(prompt[before.Length..])).Aggregate(Common));
        var start = after.AsSpan().IndexOfAny(Beginnings);
        var lead = pairs.SelectMany(pair => (string[])[pair.Chosen, pair.Rejected]).Aggregate(Common);
        return new PromptFrame(before, start < 0 ? "" : after[start..], lead[..^lead.TrimStart().Length]);
    }

    /// <summary>What stands between the two in a prompt; the prompt itself where they do not frame it.</summary>
    public string Within(string prompt) =>
        prompt.Length >= Before.Length + After.Length
        && prompt.StartsWith(Before, StringComparison.Ordinal) && prompt.EndsWith(After, StringComparison.Ordinal)
            ? prompt[Before.Length..^After.Length]
            : prompt;

    static string Common(string one, string other)
    {
        var length = one.AsSpan().CommonPrefixLength(other);
        return one[..length];
    }

    static string Reversed(string text) => string.Concat(text.Reverse());
}
