using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>Looks for the text of each message in what a chat template made of it: a template says nothing of what it leaves out.</summary>
static class TemplateCheck
{
    static readonly string[] Reasoning = ["reasoning_content", "thinking", "reasoning"];

    /// <summary>Whether next to nothing of a completion's message is left.</summary>
    internal static bool LeavesNothing(TemplateLoss loss) =>
        loss.Kind == TemplateLossKind.CompletionTextLost && 10 * loss.Kept < loss.Of;

    internal static IReadOnlyList<TemplateLoss> Losses(MessageLists messages, string prompt, IReadOnlyList<string> completions)
    {
        var losses = new List<TemplateLoss>();
        Add(TemplateLossKind.PromptTextLost, messages.Prompt, prompt);
        for (var i = 0; i < completions.Count; i++)
        {
            Add(TemplateLossKind.CompletionTextLost, messages.Completions[i], completions[i]);
            var turns = messages.Completions[i];
            var users = turns.Where(message => IsOf(message, "user")).Sum(message => MessageContent.Text(message).Length);
            if (users > 0)
            {
                var all = turns.Sum(message => MessageContent.Text(message).Length);
                losses.Add(new TemplateLoss(TemplateLossKind.UserTurnsScored, all - users, all));
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
            foreach (var message in list)
            {
                AddText(kind, MessageContent.Text(message), written);
                foreach (var name in Reasoning)
                {
                    if (message.TryGetProperty(name, out var thought) && thought.ValueKind == JsonValueKind.String
                        && kind == TemplateLossKind.CompletionTextLost)
                    {
                        AddText(TemplateLossKind.ReasoningLost, thought.GetString()!, written);
                    }
                }
            }
        }

        void AddText(TemplateLossKind kind, string text, string written)
        {
            var trimmed = text.Trim();
            if (trimmed.Length > 0 && !written.Contains(trimmed, StringComparison.Ordinal))
            {
                losses.Add(new TemplateLoss(kind, Kept(trimmed, written), trimmed.Length));
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
    static int Kept(string text, string written)
    {
        return Math.Max(Longest(length => text[^length..]), Longest(length => text[..length]));

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

    static bool IsOf(JsonElement message, string role) =>
        message.TryGetProperty("role", out var given) && given.ValueKind == JsonValueKind.String && given.GetString() == role;
}
