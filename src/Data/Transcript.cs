namespace OrtDpo.Data;

/// <summary>Pairs written as two whole dialogues, as in HH-RLHF ("\n\nHuman: …\n\nAssistant: …").</summary>
static class Transcript
{
    internal const string Marker = "\n\nAssistant:";

    /// <summary>Whether a text is a dialogue of that kind.</summary>
    internal static bool Is(string text) => text.Contains(Marker, StringComparison.Ordinal);

    /// <summary>
    /// The length of the prompt: the common prefix of both texts up to and including its last <see cref="Marker"/>; −1 where there is none.
    /// The space behind the marker belongs to the completion.
    /// </summary>
    internal static int PromptLength(string chosen, string rejected)
    {
        var common = chosen.AsSpan().CommonPrefixLength(rejected);
        var at = chosen.AsSpan(0, common).LastIndexOf(Marker, StringComparison.Ordinal);
        return at < 0 ? -1 : at + Marker.Length;
    }
}
