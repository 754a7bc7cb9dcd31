using OrtDpo.Data;

namespace OrtDpo.Generate;

/// <summary>
/// A conversation with a model: each message goes to it with all before, as the chat template writes them, and only what is new runs, where
/// the model has a cache. For one thread at a time.
/// </summary>
public sealed class Chat
{
    // Of the positions, what an answer is left at least before older messages go.
    const int AnswerShare = 4;

    readonly TextModel model;
    readonly Conversations template;
    readonly ChatOptions options;
    readonly List<ChatMessage> messages = [];
    int answers;

    internal Chat(TextModel model, ChatOptions options)
    {
        this.model = model;
        this.options = options;
        template = model.Template(options.Template);
        // What is wrong with the template, or with the options, does not wait for a message.
        _ = options.Generation.Choice();
        var written = Prompt("Hello").Text;
        template.RequireEffect();
        if (options.System is { } system && !written.Contains(system.Trim(), StringComparison.Ordinal))
        {
            throw new InvalidDataException("`System` has no effect: the chat template leaves out what the system says. Leave it out, or "
                + "say it in the first message.");
        }
    }

    /// <summary>The messages that the next one goes to the model with, but for the system's.</summary>
    public IReadOnlyList<ChatMessage> Messages => messages;

    /// <summary>
    /// Says something, and returns the answer. Both are messages from then on, an answer that was stopped as far as it is.
    /// </summary>
    /// <param name="message">What the user says.</param>
    /// <param name="told">Told of what happens, such as every part of the answer.</param>
    /// <param name="stop">Stops the answer behind the token that is being made.</param>
    /// <exception cref="InvalidDataException">
    /// The model has no positions for the message even by itself, or its template asks the messages for what they lack.
    /// </exception>
    /// <exception cref="NotSupportedException">The template refuses the messages, or the device has too little memory.</exception>
    public GeneratedText Say(string message, Action<GenerationEvent>? told = null, CancellationToken stop = default)
    {
        var (ids, dropped) = Fitting(message);
        if (dropped > 0)
        {
            messages.RemoveRange(0, dropped);
            told?.Invoke(new GenerationEvent.Dropped(dropped));
        }

        var generation = options.Generation with { Sample = options.Generation.Sample + answers };
        var answer = model.Run(ids, generation, goesOn: true, told, stop);
        answers++;
        messages.AddRange([new("user", message), new("assistant", answer.Text)]);
        return answer;
    }

    /// <summary>Forgets all messages; the chat begins anew, and draws as it drew first.</summary>
    public void Reset()
    {
        messages.Clear();
        answers = 0;
    }

    // The prompt's tokens, and how many of the oldest messages it leaves out: whole exchanges, so that the rest begins with a user's.
    (int[] Ids, int Dropped) Fitting(string message)
    {
        var room = Math.Min(options.Generation.MaxNewTokens, Math.Max(1, model.Positions / AnswerShare));
        for (var dropped = 0; ; dropped += 2)
        {
            var ids = model.Encode(Prompt(message, dropped));
            if (ids.Length <= model.Positions - room || (dropped == messages.Count && ids.Length < model.Positions))
            {
                return (ids, dropped);
            }

            if (dropped == messages.Count)
            {
                throw new InvalidDataException($"The message has {ids.Length} tokens as the chat template writes it, and the model has "
                    + $"{model.Positions} positions, of which an answer needs one at least. Say less.");
            }
        }
    }

    PromptText Prompt(string message, int skipped = 0) => template.Prompt(
    [
        .. options.System is { } system ? new[] { ("system", system) } : [],
        .. messages.Skip(skipped).Select(said => (said.Role, said.Content)),
        ("user", message),
    ]);
}
