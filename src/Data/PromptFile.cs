using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>
/// Prompts to be continued, of a data file of any kind: <c>prompt</c>, a text or messages, or <c>messages</c>, of which an answer at the
/// end is left out. So the rows of training data are prompts as well; their completions are not looked at.
/// </summary>
public static class PromptFile
{
    /// <summary>Reads all prompts of a file.</summary>
    /// <param name="source">The file.</param>
    /// <param name="conversations">How messages become text.</param>
    /// <param name="asChat">Whether a text is a user's message, too; else it stays as it is.</param>
    /// <param name="system">What the system says before messages that do not begin with it; null: nothing.</param>
    /// <exception cref="FileNotFoundException">There is no such file, or the model has no chat template.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged or has no rows, a row has no prompt or one that the template refuses, or a setting has no effect on any.
    /// </exception>
    /// <exception cref="NotSupportedException">The file is of a kind that is not read.</exception>
    public static IReadOnlyList<PromptText> Read(DataSource source, Conversations conversations, bool asChat, string? system = null)
    {
        if (!File.Exists(source.Path))
        {
            throw new FileNotFoundException(
                $"The file of prompts {source.Path} does not exist. Give a JSON, JSON Lines, CSV, Parquet or Arrow file with 'prompt' or "
                + "'messages'.",
                source.Path);
        }

        var prompts = GzipFile.OrDamaged(JsonRows.Read(source.Path, source.Columns), source.Path)
            .Select(row => Of(row, conversations, asChat, system) with { Id = $"{source.Name}:{row.Number}" })
            .ToList();
        if (prompts.Count == 0)
        {
            throw new InvalidDataException($"{source.Path} has no rows; expected at least one prompt.");
        }

        conversations.RequireEffect();
        return system is null || prompts.Exists(prompt => prompt.IsRendered)
            ? prompts
            : throw new InvalidDataException("`System` has no effect: no row holds messages. Leave it out, or have texts written as "
                + "messages (`Chat`).");
    }

    static PromptText Of(JsonRow row, Conversations conversations, bool asChat, string? system)
    {
        if (Messages(row) is not { } messages)
        {
            var text = row.Has("prompt") ? row.TextOf("prompt") : throw new InvalidDataException(
                $"{row.Where}: the row has neither 'prompt' nor 'messages'; expected one of them. Name its column with `Columns`.");
            if (!asChat)
            {
                return new PromptText(text, IsRendered: false);
            }

            messages = [Message("user", text)];
        }

        if (system is not null && messages[0].GetProperty("role").GetString() != "system")
        {
            messages = [Message("system", system), .. messages];
        }

        return new PromptText(conversations.Prompt(row, messages), IsRendered: true);
    }

    // A text beside a conversation is what its first message says, as in UltraChat.
    static List<JsonElement>? Messages(JsonRow row)
    {
        var name = MessageLists.AreIn(row, "prompt") ? "prompt" : MessageLists.AreIn(row, "messages") ? "messages" : null;
        if (name is null)
        {
            return null;
        }

        var messages = MessageLists.Messages(row, name);
        return messages.Count > 1 && MessageLists.IsAnswer(messages[^1]) ? messages[..^1] : messages;
    }

    static JsonElement Message(string role, string content) => JsonSerializer.SerializeToElement(new { role, content });
}
