using System.Globalization;
using System.Text;
using OrtDpo.Batches;

namespace OrtDpo.Data;

/// <summary>One row as the model sees it, for people to check.</summary>
public static class DecodedExample
{
    const int LastTokens = 4;

    /// <summary>Prompt and completions with their labels, and the last tokens scored.</summary>
    /// <param name="tokens">The row.</param>
    /// <param name="decode">Ids to text.</param>
    /// <param name="tokenText">One id as its tokenizer writes it.</param>
    public static IEnumerable<string> Lines(Example tokens, Func<int[], string> decode, Func<int, string> tokenText)
    {
        yield return Part("prompt", tokens.Prompt, "not scored", decode);
        var completions = CompletionNames.Of(tokens).Zip(tokens.Completions).ToList();
        foreach (var (name, ids) in completions)
        {
            yield return Part(name, ids, "scored", decode);
        }

        foreach (var (name, ids) in completions)
        {
            yield return Last(name, ids, tokenText);
        }
    }

    static string Part(string label, int[] ids, string scored, Func<int[], string> decode) =>
        string.Create(CultureInfo.InvariantCulture, $"{label} ({ids.Length} tokens, {scored}): {Quote(decode(ids))}");

    static string Last(string label, int[] ids, Func<int, string> tokenText) =>
        $"last scored tokens of {label}: " + string.Join(' ', ids.TakeLast(LastTokens).Select(id =>
            string.Create(CultureInfo.InvariantCulture, $"{id}={Quote(tokenText(id))}")));

    /// <summary>The text in quotation marks, control characters as escapes.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            quoted.Append(Escape(c));
        }

        return quoted.Append('"').ToString();
    }

    // Control characters would move the terminal's cursor, or worse.
    static string Escape(char c) => c switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '"' => "\\\"",
        '\\' => "\\\\",
        _ when char.IsControl(c) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
        _ => c.ToString(),
    };
}
