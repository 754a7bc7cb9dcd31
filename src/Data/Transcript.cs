namespace OrtDpo.Data;

/// <summary>
/// Pairs written as two whole dialogues, as in HH-RLHF ("\n\nHuman: …\n\nAssistant: …") or as a chat template writes them: what both
/// share, up to and including the last mark of an assistant's turn, is the prompt.
/// </summary>
static class Transcript
{
    internal const string Marker = "\n\nAssistant:";

    // Of the templates in use; the first that both texts hold is their mark.
    static readonly string[] Markers =
    [
        Marker, "<|im_start|>assistant\n", "<|start_header_id|>assistant<|end_header_id|>\n\n", "<start_of_turn>model\n", "<|assistant|>",
        "[/INST]", "### Response:", "\nAssistant:",
    ];

    /// <summary>Whether one of the texts is a dialogue of that kind.</summary>
    internal static bool Is(string chosen, string rejected) => MarkerOf(chosen, rejected) is not null;

    /// <summary>
    /// The length of the prompt: the common prefix of both texts up to and including its last mark; −1 where there is none. The space
    /// behind the mark belongs to the completion.
    /// </summary>
    internal static int PromptLength(string chosen, string rejected)
    {
        var marker = MarkerOf(chosen, rejected)!;
        var common = chosen.AsSpan().CommonPrefixLength(rejected);
        var at = chosen.AsSpan(0, common).LastIndexOf(marker, StringComparison.Ordinal);
        return at < 0 ? -1 : at + marker.Length;
    }

    static string? MarkerOf(string chosen, string rejected) => Array.Find(
        Markers,
        marker => chosen.Contains(marker, StringComparison.Ordinal) || rejected.Contains(marker, StringComparison.Ordinal));
}
