using System.Text.Encodings.Web;
using System.Text.Json;
using OrtDpo.ChatTemplates;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data;

/// <summary>
/// Rows of messages as text, by the model's chat template: the prompt with its generation prompt, and behind it what the template writes
/// for the completion. A text that is not the beginning of the whole conversation's is refused,
/// since the completion would continue something else.
/// </summary>
/// <param name="load">The template; asked for when the first row needs it.</param>
/// <param name="ends">The tokens that end a completion.</param>
/// <param name="date">What the template takes for today; null: a template that asks is refused.</param>
public sealed class Conversations(Func<ChatTemplate> load, EndTokens ends, DateOnly? date)
{
    const int Shown = 30;

    static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly Lazy<ChatTemplate> template = new(load);
    bool? takesParts;

    /// <summary>The template's digest; null as long as no row needed it.</summary>
    public string? TemplateDigest => template.IsValueCreated ? template.Value.Digest : null;

    /// <summary>By the template of a model.</summary>
    /// <param name="modelFolder">A Hugging Face folder.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="date">What the template takes for today; null: a template that asks is refused.</param>
    /// <param name="file">A file with the template; null: the folder's is taken.</param>
    public static Conversations Of(string modelFolder, ModelTokenizer tokenizer, DateOnly? date, string? file = null)
    {
        if (file is null)
        {
            return new Conversations(() => ChatTemplateFolder.Load(modelFolder, date: date), tokenizer.Ends, date);
        }

        // Read before any row is: what is wrong with it does not wait for messages.
        var given = ChatTemplateFolder.LoadFile(file, modelFolder, date);
        return new Conversations(() => given, tokenizer.Ends, date) { Given = given };
    }

    /// <summary>The template of a file that goes before that of the model's folder; null: none was given.</summary>
    public ChatTemplate? Given { get; private init; }

    /// <summary>Switches of the template for every row that does not set them itself.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; private init; } = new Dictionary<string, JsonElement>();

    /// <summary>Which turns of whole conversations are rows.</summary>
    public ScoredTurns Turns { get; init; }

    /// <summary>The same with switches of the template for every row that does not set them itself, and with other turns.</summary>
    public Conversations With(IReadOnlyDictionary<string, JsonElement> variables, ScoredTurns turns = ScoredTurns.Last) =>
        new(load, ends, date) { Variables = variables, Turns = turns, Given = Given };

    /// <summary>What was applied, for people; null as long as no row needed it.</summary>
    public string? Description => TemplateDigest is { } digest
        ? FormattableString.Invariant($"chat template: digest {digest[..12]}…{(Given is null ? "" : $" of {Given.Name}")}")
            + (date is { } today ? FormattableString.Invariant($", today is {today:yyyy-MM-dd}") : "")
        : null;

    /// <summary>Checks, once all rows are read, that template, switches and date were not given in vain.</summary>
    /// <exception cref="InvalidDataException">One has no effect.</exception>
    public void RequireEffect()
    {
        RequireEffectOfTemplate();
        RequireEffectOfVariables();
        RequireEffectOfDate();
    }

    /// <summary>Messages as the text that the model answers.</summary>
    /// <param name="messages">
    /// Whose each is (<c>system</c>, <c>user</c>, <c>assistant</c>), and what it says; the last is no answer.
    /// </param>
    /// <exception cref="FileNotFoundException">The model has no template.</exception>
    /// <exception cref="TemplateRefusalException">The template refuses the messages.</exception>
    /// <exception cref="InvalidDataException">The template asks the messages for what they lack.</exception>
    public PromptText Prompt(IEnumerable<(string Role, string Content)> messages) => new(
        Render(
            [.. messages.Select(said => JsonSerializer.SerializeToElement(new { role = said.Role, content = said.Content }))],
            addGenerationPrompt: true, Variables.ToDictionary()),
        IsRendered: true);

    /// <summary>The messages of a row as the text that the model answers.</summary>
    /// <exception cref="InvalidDataException">The template refuses the messages, or they lack what it asks them for.</exception>
    internal string Prompt(JsonRow row, IReadOnlyList<JsonElement> messages)
    {
        try
        {
            return Render([.. messages.Select(Expected)], addGenerationPrompt: true, TemplateVariables.Of(row, Variables));
        }
        catch (TemplateRefusalException e)
        {
            throw new InvalidDataException($"{row.Where}: {e.Message}", e);
        }
        catch (InvalidDataException e) when (!e.Message.StartsWith(row.Where, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{row.Where}: {e.Message}", e);
        }
    }

    /// <summary>Checks, once all rows are read, that a template was not given in vain.</summary>
    /// <exception cref="InvalidDataException">The rows need no template.</exception>
    internal void RequireEffectOfTemplate()
    {
        if (Given is not null && !template.IsValueCreated)
        {
            throw new InvalidDataException("`ChatTemplate` has no effect: no row holds messages. Leave it out.");
        }
    }

    /// <summary>Checks, once all rows are read, that switches were not given in vain.</summary>
    /// <exception cref="InvalidDataException">The rows need no template.</exception>
    internal void RequireEffectOfVariables()
    {
        if (Variables.Count > 0 && !template.IsValueCreated)
        {
            throw new InvalidDataException("`ChatTemplateKwargs` has no effect: no row holds messages. Leave it out.");
        }

        if (template.IsValueCreated && Variables.Keys.FirstOrDefault(name => !template.Value.Names(name)) is { } unknown)
        {
            throw new InvalidDataException($"`ChatTemplateKwargs` sets '{unknown}', which the chat template does not ask for. "
                + "Leave it out, or correct its name.");
        }
    }

    /// <summary>Checks, once all rows are read, that a choice of turns was not made in vain.</summary>
    /// <exception cref="InvalidDataException">No row is a whole conversation.</exception>
    internal static void RequireEffectOfTurns(DataSettings data, Ledger ledger)
    {
        if (data.Turns is not null && ledger.Turns is null)
        {
            throw new InvalidDataException("`Turns` has no effect: no row is a whole conversation ('messages') to learn. Leave it out.");
        }
    }

    /// <summary>Checks, once all rows are read, that a date was not given in vain.</summary>
    /// <exception cref="InvalidDataException">The rows need no template, or the template writes no date.</exception>
    internal void RequireEffectOfDate()
    {
        if (date is not null && !(template.IsValueCreated && template.Value.WritesDate))
        {
            var reason = template.IsValueCreated ? "the chat template does not write today's date" : "no row holds messages";
            throw new InvalidDataException($"`TemplateDate` has no effect: {reason}. Leave it out.");
        }
    }

    /// <summary>A prompt of messages and its completions as text; or why the template makes none of them.</summary>
    /// <param name="row">The row, with what the template is given beside the messages.</param>
    /// <param name="messages">What it holds.</param>
    /// <exception cref="InvalidDataException">The messages lack what the template asks them for.</exception>
    internal Rendering Render(JsonRow row, MessageLists messages)
    {
        var variables = TemplateVariables.Of(row, Variables);
        try
        {
            if (messages.Completions.Any(completion => completion.Any(MessageContent.IsNotToTrain)))
            {
                return Rendering.Refused(
                    DropReason.NotToTrain, "a message of a completion has 'weight' 0, or 'train' or 'training' false.");
            }

            messages = messages.Select(Expected);
            var prompt = Render(messages.Prompt, addGenerationPrompt: true, variables);
            var wholes = messages.Completions
                .Select(completion => Render([.. messages.Prompt, .. completion], addGenerationPrompt: false, variables))
                .ToArray();
            // What a switch adds to the generation prompt alone is part of the prompt that the model answers.
            var continued = Array.TrueForAll(wholes, whole => whole.StartsWith(prompt, StringComparison.Ordinal))
                ? prompt
                : WithoutSwitches(messages, variables) is { } plain && prompt.StartsWith(plain, StringComparison.Ordinal) ? plain : prompt;
            return Array.Find(wholes, whole => !whole.StartsWith(continued, StringComparison.Ordinal)) is { } other
                ? Rendering.Refused(DropReason.PromptRewritten, Rewritten(prompt, other))
                : Checked(messages, variables, prompt, Array.ConvertAll(wholes, whole => ends.UpToEnd(whole[continued.Length..])));
        }
        catch (FileNotFoundException e) when (row.Context is { } column)
        {
            throw new InvalidDataException($"{row.Where}: '{column}' makes the row a conversation, which the model's chat template writes. "
                + $"{e.Message} Leave the column out where the texts are to be trained on as they stand.", e);
        }
        catch (TemplateRefusalException e)
        {
            return Rendering.Refused(DropReason.TemplateRefused, e.Message);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{row.Where}: {e.Message}", e);
        }
    }

    Rendering Checked(MessageLists messages, Dictionary<string, JsonElement> variables, string prompt, string[] completions)
    {
        JsonElement? tools = variables.TryGetValue("tools", out var offered) ? offered : null;
        var losses = TemplateCheck.Losses(messages, prompt, completions, tools);
        var switches = variables.Keys.Where(name => name != "tools").ToList();
        var named = switches.Count(template.Value.Names);
        losses = named < switches.Count ? [.. losses, new TemplateLoss(TemplateLossKind.SwitchIgnored, named, switches.Count)] : losses;
        if (LostCall(messages, completions, losses))
        {
            return Rendering.Refused(
                DropReason.CompletionLost, "the chat template does not write the calls of functions that a completion's message is.");
        }

        return losses.FirstOrDefault(TemplateCheck.LeavesNothing) is { Of: > 0 } loss
            ? Rendering.Refused(DropReason.CompletionLost, FormattableString.Invariant(
                $"the chat template leaves next to nothing of the {loss.Of} characters of a completion's messages; ")
                + "a switch of the template, or another template, may keep them.")
            : new(prompt, completions) { Losses = losses };
    }

    // A completion that says nothing but what it calls.
    static bool LostCall(MessageLists messages, string[] completions, IReadOnlyList<TemplateLoss> losses) =>
        losses.Any(loss => loss.Kind == TemplateLossKind.CompletionCallsLost)
        && messages.Completions.Where((turns, i) => turns.All(message => string.IsNullOrWhiteSpace(MessageContent.Text(message)))
            && !turns.SelectMany(FunctionCalls.CalledBy).Any(name => completions[i].Contains(name, StringComparison.Ordinal))).Any();

    // A template that expects text prints a list of parts as Python would.
    JsonElement Expected(JsonElement message)
    {
        message = MessageContent.WithParts(MessageContent.WithArguments(message));
        if (!MessageContent.HasParts(message))
        {
            return message;
        }

        return MessageContent.OtherPart(message) is { } other
            ? throw new InvalidDataException($"the content of a message holds a part of the type '{other}', "
                + (other is "text" ? "which has no text. Correct the row."
                    : "and only parts that are texts are read: a model of text never sees pictures or sound, thoughts are given as "
                        + "'reasoning_content', and calls of functions as 'tool_calls'. Write it so, or leave the row out."))
            : (takesParts ??= TakesParts()) ? message : MessageContent.Joined(message);
    }

    bool TakesParts()
    {
        const string Probe = "ORTDPO PROBE";
        var message = JsonSerializer.SerializeToElement(
            new { role = "user", content = new[] { new { type = "text", text = Probe } } });
        try
        {
            var text = Render([message], addGenerationPrompt: true, []);
            return text.Contains(Probe, StringComparison.Ordinal) && !text.Contains("'type'", StringComparison.Ordinal)
                && !text.Contains("\"type\"", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is TemplateRefusalException or InvalidDataException)
        {
            return false;
        }
    }

    string? WithoutSwitches(MessageLists messages, Dictionary<string, JsonElement> variables) =>
        variables.Keys.Any(name => name != "tools")
            ? Render(messages.Prompt, addGenerationPrompt: true, variables.Where(v => v.Key == "tools").ToDictionary())
            : null;

    string Render(IReadOnlyList<JsonElement> messages, bool addGenerationPrompt, Dictionary<string, JsonElement> variables) =>
        template.Value.Render(JsonSerializer.SerializeToElement(messages), addGenerationPrompt, variables);

    static string Rewritten(string prompt, string whole)
    {
        var at = whole.AsSpan().CommonPrefixLength(prompt);
        return "the chat template writes the prompt otherwise when an answer follows: "
            + FormattableString.Invariant($"from character {at + 1} on the prompt reads ")
            + $"{Quote(prompt, at)} and the conversation {Quote(whole, at)}. "
            + "A switch of the template, or another template, may keep the prompt.";
    }

    static string Quote(string text, int from) =>
        JsonSerializer.Serialize(text.Substring(from, Math.Min(Shown, text.Length - from)), Readable);
}
