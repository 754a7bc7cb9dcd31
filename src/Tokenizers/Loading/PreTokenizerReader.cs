using Microsoft.ML.Tokenizers;
using OrtDpo.Tokenizers.Patterns;
using OrtDpo.Tokenizers.Splitting;

namespace OrtDpo.Tokenizers.Loading;

/// <summary>What a pre-tokenizer comes to.</summary>
sealed record PreTokenization(PrefixRule Prefix, PreTokenizer? Splitter, bool ByteLevel);

/// <summary>Reads the pre-tokenizer of a tokenizer.json.</summary>
static class PreTokenizerReader
{
    // Shared: its tables take milliseconds to make.
    static readonly Pattern Gpt2Pattern = Pattern.Parse(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");

    /// <summary>GPT-2's split into words, each with the space before it.</summary>
    public static PreTokenizer Gpt2Words() => new PatternSplitter(Gpt2Pattern, SplitBehavior.Isolated);

    public static PreTokenization Read(JsonPart? preTokenizer)
    {
        var steps = Steps(preTokenizer).ToList();
        var prefix = PrefixRule.None;
        var splitters = new List<PreTokenizer>();
        var byteLevel = false;
        for (var i = 0; i < steps.Count; i++)
        {
            var (part, type) = (steps[i], steps[i].Text("type"));
            switch (type)
            {
                case "Split":
                    splitters.Add(new PatternSplitter(ReadPattern(part), Behavior(part), part.Flag("invert", false)));
                    break;
                case "Digits" or "Punctuation" or "Whitespace" or "WhitespaceSplit" or "CharDelimiterSplit":
                    splitters.Add(ClassSplit(part, type));
                    break;
                case "Metaspace" when i == 0:
                    prefix = Metaspace(part);
                    if (part.Flag("split", true))
                    {
                        splitters.Add(new PatternSplitter(Pattern.Literal(prefix.Prefix.ToString()), SplitBehavior.MergedWithNext));
                    }

                    break;
                case "ByteLevel" when i == steps.Count - 1:
                    byteLevel = true;
                    if (part.Flag("add_prefix_space", true))
                    {
                        prefix = i == 0 ? new PrefixRule(null, ' ', PrefixScheme.Always) : throw new NotSupportedException(
                            $"{part.Where} adds a prefix space to what others have split, which is not supported.");
                    }

                    if (part.Flag("use_regex", true))
                    {
                        splitters.Add(Gpt2Words());
                    }

                    break;
                default:
                    throw new NotSupportedException(
                        $"{part.Where} is '{type}', which is not supported there. " +
                        "Supported pre-tokenizers: Sequence, Split, Digits, Punctuation, Whitespace, WhitespaceSplit, " +
                        "CharDelimiterSplit, Metaspace as the first, and ByteLevel as the last.");
            }
        }

        return new PreTokenization(
            prefix, splitters.Count switch { 0 => null, 1 => splitters[0], _ => new SplitterSequence(splitters) }, byteLevel);
    }

    static IEnumerable<JsonPart> Steps(JsonPart? preTokenizer) =>
        preTokenizer is not { } part ? []
        : part.Text("type") == "Sequence" ? part.Required("pretokenizers").Items().SelectMany(p => Steps(p))
        : [part];

    // Splitters that name a class of characters instead of a pattern.
    static PatternSplitter ClassSplit(JsonPart part, string type) => type switch
    {
        "Digits" => new(Pattern.One(CharacterClasses.IsNumeric), part.Flag("individual_digits", false)
            ? SplitBehavior.Isolated
            : SplitBehavior.Contiguous),
        "Punctuation" => new(Pattern.One(CharacterClasses.IsPunctuation), Behavior(part, "Isolated")),
        "Whitespace" => new(Words(), SplitBehavior.Removed, invert: true),
        "WhitespaceSplit" => new(Pattern.One(CharacterClasses.IsWhiteSpace), SplitBehavior.Removed),
        _ => new(Pattern.Literal(part.Text("delimiter")), SplitBehavior.Removed),
    };

    static Pattern Words() => Pattern.Alternatives(
        Pattern.Run(CharacterClasses.IsWord), Pattern.Run(c => !CharacterClasses.IsWord(c) && !CharacterClasses.IsWhiteSpace(c)));

    static Pattern ReadPattern(JsonPart part)
    {
        var pattern = part.Required("pattern");
        return pattern.Optional("String") is { } literal ? Pattern.Literal(literal.Text()) : Pattern.Parse(pattern.Text("Regex"));
    }

    static SplitBehavior Behavior(JsonPart part, string? absent = null) => (part.Optional("behavior")?.Text() ?? absent) switch
    {
        "Removed" => SplitBehavior.Removed,
        "Isolated" => SplitBehavior.Isolated,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        var other => throw new InvalidDataException(
            $"{part.Where} has the behavior '{other}'. It must be Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous."),
    };

    // The older form says add_prefix_space, the newer prepend_scheme.
    internal static PrefixRule Metaspace(JsonPart part)
    {
        var replacement = part.Text("replacement");
        if (replacement.Length != 1)
        {
            throw new NotSupportedException($"{part.Where} replaces spaces by '{replacement}'. One character is supported.");
        }

        var scheme = part.Optional("prepend_scheme")?.Text() switch
        {
            "always" => PrefixScheme.Always,
            "first" => PrefixScheme.First,
            "never" => PrefixScheme.Never,
            null => part.Flag("add_prefix_space", true) ? PrefixScheme.Always : PrefixScheme.Never,
            var other => throw new InvalidDataException(
                $"{part.Where} has the prepend_scheme '{other}'. It must be always, first or never."),
        };
        return new PrefixRule(replacement[0], replacement[0], scheme);
    }
}
