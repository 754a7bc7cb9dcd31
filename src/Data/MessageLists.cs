using System.Text.Json;
using OrtDpo.Batches;

namespace OrtDpo.Data;

/// <summary>What a row of messages holds: lists of objects with <c>role</c> and <c>content</c>.</summary>
/// <param name="Prompt">The messages that the completions continue.</param>
/// <param name="Completions">The messages of each completion, one or more.</param>
readonly record struct MessageLists(IReadOnlyList<JsonElement> Prompt, IReadOnlyList<IReadOnlyList<JsonElement>> Completions)
{
    /// <summary>The same with each message as <paramref name="change"/> has it.</summary>
    internal MessageLists Select(Func<JsonElement, JsonElement> change) =>
        new([.. Prompt.Select(change)], [.. Completions.Select(completion => (IReadOnlyList<JsonElement>)[.. completion.Select(change)])]);

    /// <summary>Whether one of the members is a list or an object, as messages are, and not text.</summary>
    internal static bool AreIn(JsonRow row, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (row.Value.ValueKind == JsonValueKind.Object && row.Value.TryGetProperty(name, out var value)
                && value.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The members <paramref name="completions"/> behind the messages of <c>prompt</c>. Where <c>prompt</c> is no list, the completions are
    /// whole conversations that begin alike; where they do not, the text of <c>prompt</c> is the user's message.
    /// </summary>
    /// <exception cref="InvalidDataException">A member is missing or no list of messages, or there is no prompt.</exception>
    internal static MessageLists Of(JsonRow row, params ReadOnlySpan<string> completions)
    {
        var lists = new List<IReadOnlyList<JsonElement>>();
        foreach (var name in completions)
        {
            lists.Add(Messages(row, name));
        }

        if (AreIn(row, "prompt") && Messages(row, "prompt") is var prompts && !(AreWhole(row) && Holds(lists[0], prompts)))
        {
            return new MessageLists(prompts, lists);
        }

        var shared = Shared(lists);
        if (shared > 0)
        {
            return new MessageLists([.. lists[0].Take(shared)], [.. lists.Select(list => list.Skip(shared).ToList())]);
        }

        if (row.Value.TryGetProperty("prompt", out var prompt) && prompt.ValueKind == JsonValueKind.String)
        {
            var user = JsonSerializer.SerializeToElement(new { role = "user", content = JsonRow.Text(row.Where, "prompt", prompt) });
            return new MessageLists([user], lists);
        }

        throw new InvalidDataException($"{row.Where}: the conversations begin with different messages, and there is no 'prompt'. "
            + "Give the messages before the completions as 'prompt', or let both conversations begin with them.");
    }

    /// <summary>
    /// Whether <c>chosen</c> and <c>rejected</c> are whole conversations, which hold their prompt: both begin with the same message, which
    /// is no answer, and go on behind it.
    /// </summary>
    internal static bool AreWhole(JsonRow row)
    {
        return row.Has("chosen") && row.Has("rejected")
            && First(row.Value.GetProperty("chosen")) is { ValueKind: JsonValueKind.Object } chosen && !IsAnswer(chosen)
            && First(row.Value.GetProperty("rejected")) is { } rejected && JsonElement.DeepEquals(chosen, rejected);

        static JsonElement? First(JsonElement list) =>
            list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 1 ? list[0] : null;
    }

    /// <summary>Whether a message is the model's own.</summary>
    internal static bool IsAnswer(JsonElement message) => message.ValueKind == JsonValueKind.Object
        && (message.TryGetProperty("role", out var role) || message.TryGetProperty("from", out role))
        && role.ValueKind == JsonValueKind.String && role.GetString() is "assistant" or "model" or "gpt" or "bot";

    /// <summary>The messages of <c>prompt</c>, and <paramref name="completions"/> that follow them.</summary>
    /// <exception cref="InvalidDataException">One of them is no list of messages.</exception>
    internal static MessageLists OfRanked(JsonRow row, IEnumerable<JsonElement> completions) =>
        new(Messages(row, "prompt"), [.. completions.Select(completion => Messages(row.Where, "completions", completion))]);

    /// <summary>A whole conversation by its turns of the assistant's: the last alone or each, behind all messages before it.</summary>
    /// <exception cref="InvalidDataException">The member is no list of at least two messages that ends with the assistant's.</exception>
    internal static IReadOnlyList<MessageLists> OfWhole(JsonRow row, string name, ScoredTurns turns)
    {
        var messages = Messages(row, name);
        if (messages.Count < 2 || !IsTurn(messages[^1]))
        {
            throw new InvalidDataException($"{row.Where}: the conversation must be at least two messages, "
                + "of which the last is the assistant's.");
        }

        return turns == ScoredTurns.Last
            ? [At(messages.Count - 1)]
            // A conversation that the assistant begins answers nobody with its first message.
            : [.. Enumerable.Range(1, messages.Count - 1).Where(i => IsTurn(messages[i])).Select(At)];

        MessageLists At(int i) => new([.. messages.Take(i)], [[messages[i]]]);

        static bool IsTurn(JsonElement message) => message.GetProperty("role").GetString() == "assistant";
    }

    /// <summary>The functions that the row offers; null where it names none.</summary>
    /// <exception cref="InvalidDataException">They are no list.</exception>
    internal static JsonElement? Tools(JsonRow row) =>
        !row.Value.TryGetProperty("tools", out var tools) || tools.ValueKind == JsonValueKind.Null ? null
        : tools.ValueKind == JsonValueKind.Array ? NullMembers.LeaveOut(tools)
        : throw new InvalidDataException($"{row.Where}: 'tools' is {tools.ValueKind}; expected a list of functions.");

    /// <summary>Why the row cannot be used: a completion says nothing, in its messages or in what the template wrote.</summary>
    internal DropReason? Emptiness(IReadOnlyList<string> rendered, Judgement known)
    {
        for (var i = 0; i < rendered.Count; i++)
        {
            if (IsEmpty(i) || string.IsNullOrWhiteSpace(rendered[i]))
            {
                return Data.Emptiness.Of(known, i);
            }
        }

        return null;
    }

    bool IsEmpty(int completion) => Completions[completion].All(message => !message.TryGetProperty("tool_calls", out _)
        && message.TryGetProperty("content", out var content)
        && (content.ValueKind == JsonValueKind.Null
            || (content.ValueKind == JsonValueKind.String && string.IsNullOrWhiteSpace(content.GetString()))));

    // Behind the system's message, where the prompt has none.
    static bool Holds(IReadOnlyList<JsonElement> conversation, List<JsonElement> prompt) =>
        Enumerable.Range(0, 2).Any(start => conversation.Count > start + prompt.Count
            && prompt.Zip(conversation.Skip(start)).All(pair => JsonElement.DeepEquals(pair.First, pair.Second)));

    // How many messages the completions have in common, at least one being left to each.
    static int Shared(List<IReadOnlyList<JsonElement>> lists)
    {
        var shared = 0;
        while (lists.TrueForAll(list => shared < list.Count - 1 && JsonElement.DeepEquals(list[shared], lists[0][shared])))
        {
            shared++;
        }

        return shared;
    }

    /// <summary>The messages of the member <paramref name="name"/>.</summary>
    /// <exception cref="InvalidDataException">It is missing, or no list of messages.</exception>
    internal static List<JsonElement> Messages(JsonRow row, string name)
    {
        return row.Value.TryGetProperty(name, out var value)
            ? Messages(row.Where, name, value)
            : throw new InvalidDataException($"{row.Where}: '{name}' is missing; "
                + "expected a list of messages, as in the row's other columns.");
    }

    static List<JsonElement> Messages(string where, string name, JsonElement value)
    {
        var messages = value.ValueKind switch
        {
            JsonValueKind.Array => value.EnumerateArray().ToList(),
            JsonValueKind.Object => [value],
            _ => throw new InvalidDataException($"{where}: '{name}' is {value.ValueKind}; "
                + "expected a list of messages, as in the row's other columns."),
        };
        return messages.Count > 0 && messages.TrueForAll(IsMessage)
            // Templates ask whether a message's content is none.
            ? messages.ConvertAll(message => NullMembers.LeaveOut(message, kept: "content"))
            : throw new InvalidDataException($"{where}: '{name}' must hold at least one message, "
                + "each an object with the string 'role'.");
    }

    static bool IsMessage(JsonElement message) =>
        message.ValueKind == JsonValueKind.Object && message.TryGetProperty("role", out var role) && role.ValueKind == JsonValueKind.String;
}
