using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>Looks for the text of each message in what a chat template made of it: a template says nothing of what it leaves out.</summary>
static class TemplateCheck
{
    const int FewCharacters = 8;

    static readonly string[] Reasoning = ["reasoning_content", "thinking", "reasoning"];

    /// <summary>Whether next to nothing of a completion's message is left.</summary>
    internal static bool LeavesNothing(TemplateLoss loss) =>
        loss.Kind == TemplateLossKind.CompletionTextLost && 10 * loss.Kept < loss.Of;

    /// <summary>What is lost of messages and of what a template is given beside them.</summary>
    /// <param name="messages">What the row holds.</param>
    /// <param name="prompt">What became of the prompt's.</param>
    /// <param name="completions">What became of each completion's.</param>
    /// <param name="tools">The functions that the row offers; null: none.</param>
    internal static IReadOnlyList<TemplateLoss> Losses(
        MessageLists messages, string prompt, IReadOnlyList<string> completions, JsonElement? tools = null)
    {
        var losses = new List<TemplateLoss>();
        Add(TemplateLossKind.PromptTextLost, messages.Prompt, prompt);
        AddNames(TemplateLossKind.ToolsLost, tools is { } offered ? FunctionCalls.Offered(offered) : [], prompt);
        AddNames(TemplateLossKind.PromptCallsLost, messages.Prompt.SelectMany(FunctionCalls.CalledBy), prompt);
        for (var i = 0; i < completions.Count; i++)
        {
            var turns = messages.Completions[i];
            Add(TemplateLossKind.CompletionTextLost, turns, completions[i]);
            AddNames(TemplateLossKind.CompletionCallsLost, turns.SelectMany(FunctionCalls.CalledBy), completions[i]);
            var others = turns.Where(message => !MessageLists.IsAnswer(message)).Sum(message => MessageContent.Text(message).Length);
            if (others > 0)
            {
                var all = turns.Sum(message => MessageContent.Text(message).Length);
                losses.Add(new TemplateLoss(TemplateLossKind.UserTurnsScored, all - others, all));
            }
        }

        AddOrder(messages.Prompt, prompt);
        for (var i = 0; i < completions.Count; i++)
        {
            AddOrder(messages.Completions[i], completions[i]);
        }

        return losses;

        void AddOrder(IReadOnlyList<JsonElement> list, string written)
        {
            var texts = list.Select(message => MessageContent.Text(message).Trim()).ToList();
            if (AreReordered(texts, written))
            {
                var characters = texts.Sum(text => text.Length);
                losses.Add(new TemplateLoss(TemplateLossKind.MessagesReordered, characters, characters));
            }
        }

        void Add(TemplateLossKind kind, IReadOnlyList<JsonElement> list, string written)
        {
            AddTexts(kind, list.Select(MessageContent.Text), written);
            if (kind == TemplateLossKind.CompletionTextLost)
            {
                AddTexts(TemplateLossKind.ReasoningLost, list.SelectMany(ReasoningOf), written);
            }
        }

        void AddTexts(TemplateLossKind kind, IEnumerable<string> texts, string written)
        {
            var (kept, of) = (0, 0);
            foreach (var text in texts.Select(text => text.Trim()))
            {
                of += text.Length;
                kept += written.Contains(text, StringComparison.Ordinal) ? text.Length : Kept(kind, text, written);
            }

            if (kept < of)
            {
                losses.Add(new TemplateLoss(kind, kept, of));
            }
        }

        void AddNames(TemplateLossKind kind, IEnumerable<string> names, string written)
        {
            var all = names.ToList();
            var found = all.Count(name => written.Contains(name, StringComparison.Ordinal));
            if (found < all.Count)
            {
                losses.Add(new TemplateLoss(kind, found, all.Count));
            }
        }
    }

    static IEnumerable<string> ReasoningOf(JsonElement message)
    {
        foreach (var name in Reasoning)
        {
            if (message.TryGetProperty(name, out var thought) && thought.ValueKind == JsonValueKind.String)
            {
                yield return thought.GetString()!;
            }
        }
    }

    /// <summary>
    /// Whether the texts, as far as they are written, stand in another order, wherever each of them is taken to stand.
    /// </summary>
    internal static bool AreReordered(IReadOnlyList<string> texts, string written)
    {
        if (FollowEachOther(texts, written))
        {
            return false;
        }

        // A text that is part of another, or is not written, says nothing of an order: what is found may be another's.
        var telling = texts.Where((text, i) => written.Contains(text, StringComparison.Ordinal)
            && !texts.Where((other, j) => j != i && other.Contains(text, StringComparison.Ordinal)).Any());
        return !FollowEachOther(telling, written);
    }

    // The earliest place for each leaves the most room to the next.
    static bool FollowEachOther(IEnumerable<string> texts, string written)
    {
        var end = 0;
        foreach (var text in texts)
        {
            var at = written.IndexOf(text, end, StringComparison.Ordinal);
            if (at < 0)
            {
                return false;
            }

            end = at + text.Length;
        }

        return true;
    }

    // Templates cut thoughts off the beginning, and what is too long off the end.
    static int Kept(TemplateLossKind kind, string text, string written)
    {
        var kept = Math.Max(Longest(length => text[^length..]), Longest(length => text[..length]));
        // A few characters stand in any text; of what a message says they may be the answer.
        return kind != TemplateLossKind.ReasoningLost || kept > FewCharacters || 2 * kept > text.Length ? kept : 0;

        int Longest(Func<int, string> part)
        {
            var (low, high) = (0, text.Length - 1);
            while (low < high)
            {
                var middle = (low + high + 1) / 2;
                (low, high) = written.Contains(part(middle), StringComparison.Ordinal) ? (middle, high) : (low, middle - 1);
            }

            return low;
        }
    }
}
