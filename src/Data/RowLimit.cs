namespace OrtDpo.Data;

/// <summary>
/// The training rows that a bound on their number leaves: the first in an order that seed and prompt decide
/// (<see cref="PromptHash.Order"/>), rows of one prompt by a hash of their completions. Whatever the shard and the order of the files they
/// are the same, and those of a lower bound are among those of a higher one.
/// </summary>
/// <param name="most">How many rows are left at most.</param>
/// <param name="seed">Which rows.</param>
sealed class RowLimit(int most, long seed)
{
    // The last of those that are left stands first: it is the one that gives way.
    readonly PriorityQueue<(string Source, long Row, int Turn), (ulong Prompt, ulong Completions, int Place)> left =
        new(Comparer<(ulong, ulong, int)>.Create((a, b) => b.CompareTo(a)));

    HashSet<(string, long, int)>? held;

    /// <summary>Rows that were looked at.</summary>
    internal int Of { get; private set; }

    /// <summary>Looks at a row; they come in the order of the files.</summary>
    internal void Add(ExampleText text)
    {
        var completions = PromptHash.Of(string.Join('\0', [text.Prompt, .. text.Completions]));
        var (row, order) = (Key(text), (PromptHash.Order(text.DecidedBy, seed), completions, Of++));
        if (left.Count < most)
        {
            left.Enqueue(row, order);
        }
        else
        {
            left.EnqueueDequeue(row, order);
        }
    }

    /// <summary>Whether a row is left, once all have been looked at.</summary>
    internal bool Holds(ExampleText text)
    {
        held ??= [.. left.UnorderedItems.Select(item => item.Element)];
        return held.Contains(Key(text));
    }

    // A turn of a conversation is a row by itself.
    static (string, long, int) Key(ExampleText text) => (text.Source, text.SourceRow, text.Turn?.Turn ?? 0);
}
