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

    // Of a user's turn, where the assistant's has the mark at the same place above.
    static readonly string[] UserMarkers =
    [
        "\n\nHuman:", "<|im_start|>user", "<|start_header_id|>user", "<start_of_turn>user", "<|user|>", "[INST]", "### Instruction:",
        "\nHuman:",
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

    /// <summary>
    /// What of the completions of a dialogue's prompt are turns of a user, which are scored; none where the prompt ends with no mark of an
    /// assistant's turn.
    /// </summary>
    internal static IReadOnlyList<TemplateLoss> UserTurns(string prompt, params ReadOnlySpan<string> completions)
    {
        var end = prompt.TrimEnd();
        var at = Array.FindIndex(Markers, marker => end.EndsWith(marker.TrimEnd(), StringComparison.Ordinal));
        if (at < 0)
        {
            return [];
        }

        var losses = new List<TemplateLoss>();
        foreach (var completion in completions)
        {
            if (OfUsers(completion, Markers[at].TrimEnd(), UserMarkers[at]) is > 0 and var length)
            {
                losses.Add(new TemplateLoss(TemplateLossKind.UserTurnsScored, completion.Length - length, completion.Length));
            }
        }

        return losses;
    }

    static int OfUsers(string completion, string assistant, string user)
    {
        var length = 0;
        for (var at = completion.IndexOf(user, StringComparison.Ordinal); at >= 0;)
        {
            var end = completion.IndexOf(assistant, at, StringComparison.Ordinal);
            length += (end < 0 ? completion.Length : end) - at;
            at = end < 0 ? -1 : completion.IndexOf(user, end, StringComparison.Ordinal);
        }

        return length;
    }

    static string? MarkerOf(string chosen, string rejected) => Array.Find(
        Markers,
        marker => chosen.Contains(marker, StringComparison.Ordinal) || rejected.Contains(marker, StringComparison.Ordinal));
}
