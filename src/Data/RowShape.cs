using OrtDpo.Batches;

namespace OrtDpo.Data;

/// <summary>What a row is, by its columns; one that is null counts as absent.</summary>
/// <param name="Kind">Pair, unpaired feedback or supervised.</param>
/// <param name="HasMessages">Whether it holds lists of messages instead of text.</param>
/// <param name="HasImplicitPrompt">Whether it is a pair of texts without <c>prompt</c>, which both of them hold.</param>
readonly record struct RowShape(RowKind Kind, bool HasMessages, bool HasImplicitPrompt)
{
    /// <summary>Whether it holds several completions with their scores.</summary>
    internal bool IsRanked { get; private init; }

    /// <summary>The shape of <paramref name="row"/>; null where no column says what it is.</summary>
    internal static RowShape? Of(JsonRow row)
    {
        if (row.Has("chosen") || row.Has("rejected"))
        {
            var hasMessages = MessageLists.AreIn(row, "prompt", "chosen", "rejected");
            return new RowShape(RowKind.Pair, hasMessages, !hasMessages && !row.Has("prompt") && row.Has("chosen") && row.Has("rejected"));
        }

        if (row.Has("completions") && row.Has("scores"))
        {
            return new RowShape(RowKind.Pair, MessageLists.AreIn(row, "prompt"), HasImplicitPrompt: false) { IsRanked = true };
        }

        return row.Has("completion") || row.Has("messages")
            ? new RowShape(
                row.Has("label") || row.Has("kto_tag") ? RowKind.Unpaired : RowKind.Supervised,
                MessageLists.AreIn(row, "prompt", "completion", "messages"),
                HasImplicitPrompt: false)
            : null;
    }

    /// <summary>
    /// The shape as a reader takes it: a pair with <c>completion</c> or <c>messages</c> beside it is supervised where that is asked for.
    /// </summary>
    internal RowShape ReadAs(RowKind? asked, JsonRow row) => asked is { } kind and not RowKind.Pair && Kind == RowKind.Pair
        && (row.Has("completion") || row.Has("messages"))
            ? new RowShape(kind, MessageLists.AreIn(row, "prompt", "completion", "messages"), HasImplicitPrompt: false)
            : this;

    /// <summary>For messages, behind "the row is".</summary>
    public override string ToString() => this switch
    {
        { IsRanked: true } => $"ranked completions ('completions' and 'scores'){(HasMessages ? ", as messages" : "")}",
        { HasImplicitPrompt: true } => "a pair whose texts begin with the prompt ('chosen' and 'rejected' without 'prompt')",
        { HasMessages: true } => $"{NameOf(Kind)}, as messages",
        _ => NameOf(Kind),
    };

    /// <summary>The kind with the columns by which it is known.</summary>
    internal static string NameOf(RowKind kind) => kind switch
    {
        RowKind.Pair => "a preference pair ('chosen' and 'rejected')",
        RowKind.Unpaired => "unpaired feedback ('completion' and 'label')",
        _ => "a supervised row ('completion' or 'messages' without 'label')",
    };
}
