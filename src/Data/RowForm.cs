using System.Buffers;
using System.Text.Json;
using OrtDpo.Data.Ranked;

namespace OrtDpo.Data;

/// <summary>A published form of rows, and how a row of it becomes one with the columns that the readers know.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Columns">The columns by which its rows are known; all of them are there.</param>
/// <param name="Write">Writes the members of the row that it becomes.</param>
sealed record RowForm(string Name, string[] Columns, Action<Utf8JsonWriter, JsonRow> Write)
{
    /// <summary>How many times the other answer's score the chosen one has.</summary>
    internal const string ScoreRatio = "score_ratio";

    /// <summary>Columns that a row of any form may have beside its own, and that stay as they are.</summary>
    internal static readonly string[] Beside =
        ["label", "kto_tag", "system", "system_prompt", "history", "tools", "chat_template_kwargs", ScoreRatio];

    /// <summary>Columns that its rows may have, and that it reads.</summary>
    string[] Optional { get; init; } = [];

    /// <summary>Columns one of which is there, too; none: it is known without.</summary>
    string[] OneOf { get; init; } = [];

    /// <summary>Columns beside which those of the form are further columns, to be passed over.</summary>
    string[] Others { get; init; } = [];

    /// <summary>A column that is an object, and the members of it that are read; null: none is.</summary>
    internal (string Column, string[] Read)? Members { get; init; }

    /// <summary>What else its rows are known by.</summary>
    Func<JsonRow, bool> IsOf { get; init; } = _ => true;

    /// <summary>What it reads beside <see cref="Columns"/> and <see cref="Optional"/>.</summary>
    Func<JsonRow, string, bool> IsRead { get; init; } = (_, _) => false;

    // Prompts and completions under other names.
    static readonly RowForm[] Supervised =
    [
        .. new[] { ("question", "answer"), ("question", "response"), ("query", "response"), ("prompt", "response") }.Select(
            names => new RowForm(
                $"'{names.Item1}' and '{names.Item2}'", [names.Item1, names.Item2], ConversationForms.Supervised(names.Item1, names.Item2))
            {
                Others = ["completion", "messages", "chosen", "rejected", "completions", "responses", "answers"],
            }),
    ];

    /// <summary>All forms that are not read as they stand.</summary>
    static readonly RowForm[] All =
    [
        new("Stanford Human Preferences", ["history", "human_ref_A", "human_ref_B", "labels"], HumanPreferences),
        new("summary comparisons", ["info", "summaries", "choice"], SummaryComparison.Write),
        new("ShareGPT pairs", ["conversations", "chosen", "rejected"], ShareGpt.Write) { Optional = ["system", "tools"] },
        new("ShareGPT", ["conversations"], ShareGpt.Write)
        {
            Optional = ["system", "tools"], Others = ["completion", "messages"],
        },
        new("instructions", ["instruction", "output"], Instruction.Write) { Optional = ["input"] },
        new("preferred outputs", ["input", "preferred_output", "non_preferred_output"], ConversationForms.PreferredOutput)
        {
            Members = ("input", ["messages", "tools"]),
        },
        new("messages and a rejected response", ["messages", "rejected_response"], ConversationForms.RejectedResponse),
        new("messages and rejected messages", ["messages", "rejected_messages"], ConversationForms.RejectedMessages),
        new("messages before two answers", ["messages", "chosen", "rejected"], ConversationForms.PromptIn("messages"))
        {
            Others = ["prompt"], IsOf = ConversationForms.ContinueMessages,
        },
        new("a conversation before two answers", ["conversation", "chosen", "rejected"], ConversationForms.PromptIn("conversation"))
        {
            Others = ["prompt"], IsOf = ConversationForms.ContinuePrompt,
        },
        new("questions with two answers", ["question", "chosen", "rejected"], ConversationForms.PromptIn("question"))
        {
            Others = ["prompt"], IsOf = ConversationForms.ContinuePrompt,
        },
        new("instructions with two answers", ["instruction", "chosen", "rejected"], ConversationForms.InstructionPair)
        {
            Optional = ["input"], Others = ["prompt"], IsOf = ConversationForms.ContinuePrompt,
        },
        new("ranked completions", [], RankedForm.Write)
        {
            OneOf = RankedForm.Lists, Others = ["chosen", "rejected"], IsOf = RankedForm.Is, IsRead = RankedForm.Reads,
        },
        .. Supervised,
    ];

    /// <summary>The form of <paramref name="row"/>; null: it is read as it stands.</summary>
    internal static RowForm? Of(JsonRow row) => Of(row, Possible(RowColumns.Of(row.Value)));

    /// <summary>The form of <paramref name="row"/> among those that its columns leave possible.</summary>
    internal static RowForm? Of(JsonRow row, RowForm[] possible) => Array.Find(possible, form => form.IsOf(row));

    /// <summary>The forms that a row with these columns may have, in the order in which they are asked.</summary>
    internal static RowForm[] Possible(RowColumns columns) => Array.FindAll(
        All,
        form => Array.TrueForAll(form.Columns, columns.Has)
            && (form.OneOf.Length == 0 || Array.Exists(form.OneOf, columns.Has))
            && !Array.Exists(form.Others, columns.Has));

    /// <summary>For messages, behind "the row".</summary>
    internal static string NameOf(RowForm? form) => form is null
        ? "is read as it stands"
        : $"is of the form '{form.Name}'";

    /// <summary>Whether rows of the form are made of the column, too.</summary>
    internal bool Reads(JsonRow row, string column) => Names(column) || IsRead(row, column);

    /// <summary>Whether rows of the form have the column as one of their own.</summary>
    internal bool Names(string column) => Columns.Contains(column) || Optional.Contains(column);

    /// <summary>The row in columns that the readers know; <see cref="Beside"/> stays.</summary>
    /// <exception cref="InvalidDataException">A column holds something else than its form says.</exception>
    internal JsonDocument Rewrite(JsonRow row)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            Write(writer, row);
            // Without its label an undesirable completion would be imitated, and without its context another prompt answered.
            foreach (var name in Beside.Where(name => row.Has(name) && !Columns.Contains(name) && !Optional.Contains(name)))
            {
                writer.WritePropertyName(name);
                row.Value.GetProperty(name).WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return JsonDocument.Parse(text.WrittenMemory);
    }

    // The question of a forum and two answers, written as HH-RLHF's dialogues are; label 1: A is the better one.
    static void HumanPreferences(Utf8JsonWriter writer, JsonRow row)
    {
        var label = row.Value.GetProperty("labels");
        if (label.ValueKind != JsonValueKind.Number || !label.TryGetInt32(out var better) || better is not (0 or 1))
        {
            throw new InvalidDataException(
                $"{row.Where}: 'labels' is {label.GetRawText()}; expected 1 where human_ref_A is the better one, else 0.");
        }

        writer.WriteString("prompt", $"\n\nHuman: {row.TextOf("history")}{Transcript.Marker}");
        writer.WriteString("chosen", ' ' + row.TextOf(better == 1 ? "human_ref_A" : "human_ref_B"));
        writer.WriteString("rejected", ' ' + row.TextOf(better == 1 ? "human_ref_B" : "human_ref_A"));
    }
}
