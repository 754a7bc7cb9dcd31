using System.Globalization;
using System.Text;
using OrtDpo.Tokenizers.Bpe;

namespace OrtDpo.Tokenizers.Decoding;

/// <summary>One step from tokens to text; the text is what all tokens that the last step returns make together.</summary>
delegate List<string> DecodeStep(List<string> tokens);

/// <summary>The steps that decoders are made of.</summary>
static class DecodeSteps
{
    public static DecodeStep Sequence(IReadOnlyList<DecodeStep> steps) =>
        tokens => steps.Aggregate(tokens, (remaining, step) => step(remaining));

    /// <summary>Bytes that are not UTF-8 become U+FFFD.</summary>
    public static List<string> ByteLevel(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            ByteAlphabet.Unspell(token, bytes);
        }

        return [Encoding.UTF8.GetString([.. bytes])];
    }

    public static DecodeStep Replace(Func<string, string> replace) => tokens => tokens.ConvertAll(t => replace(t));

    public static List<string> Fuse(List<string> tokens) => [string.Concat(tokens)];

    /// <summary>No decoder at all: spaces between the tokens.</summary>
    public static List<string> JoinWithSpaces(List<string> tokens) => [string.Join(' ', tokens)];

    /// <summary>A space in the place of each word's end but the last.</summary>
    public static DecodeStep WordSuffix(string suffix) => tokens =>
        [.. tokens.Select((t, i) => t.Replace(suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal))];

    /// <summary>Removes up to so many of a character from either end of each token.</summary>
    public static DecodeStep Strip(char content, int start, int stop) => tokens => tokens.ConvertAll(token =>
    {
        var (from, to) = (0, token.Length);
        while (from < token.Length && from < start && token[from] == content)
        {
            from++;
        }

        while (to > from && token.Length - to < stop && token[to - 1] == content)
        {
            to--;
        }

        return token[from..to];
    });

    public static DecodeStep Metaspace(char replacement, bool stripFirst) => tokens =>
        [.. tokens.Select((t, i) => i == 0 && stripFirst
            ? t.Replace(replacement.ToString(), "", StringComparison.Ordinal)
            : t.Replace(replacement, ' '))];

    /// <summary>Joins runs of <c>&lt;0xNN&gt;</c>; a run that is not UTF-8 becomes one U+FFFD for each byte.</summary>
    public static List<string> ByteFallback(List<string> tokens)
    {
        var result = new List<string>();
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            if (token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
                && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                bytes.Add(value);
                continue;
            }

            Flush(bytes, result);
            result.Add(token);
        }

        Flush(bytes, result);
        return result;
    }

    static void Flush(List<byte> bytes, List<string> result)
    {
        if (bytes.Count == 0)
        {
            return;
        }

        var run = bytes.ToArray();
        result.Add(System.Text.Unicode.Utf8.IsValid(run) ? Encoding.UTF8.GetString(run) : new string('\uFFFD', run.Length));
        bytes.Clear();
    }
}
