using System.Text.Json;
using OrtDpo.Batches;

namespace OrtDpo.Data;

/// <summary>
/// Reads rows of one completion from a JSON or JSON Lines file, plain or gzip, or from Parquet: <c>prompt</c> and <c>completion</c>, or
/// <c>messages</c>; for unpaired feedback also <c>label</c>, true = desirable. Further columns are passed over; a <c>label</c> where none
/// is asked for is refused.
/// </summary>
public static class CompletionFile
{
    /// <summary>Reads <paramref name="path"/> row by row.</summary>
    /// <param name="path">The file.</param>
    /// <param name="source">The name that its rows carry.</param>
    /// <param name="labelled">Whether the rows are unpaired feedback.</param>
    /// <param name="names">The names that its columns have; null: those above.</param>
    /// <param name="conversations">How rows of messages become text; null: they are refused.</param>
    /// <param name="passedOver">Called for each column that no row is made of; null: nobody wants to know.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, has no rows, or a row is wrong; the message names file and line.
    /// </exception>
    public static IEnumerable<ExampleText> Read(
        string path, string source, bool labelled, ColumnNames? names = null, Conversations? conversations = null,
        Action<UnreadColumn>? passedOver = null)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"The data file {path} does not exist. Give a JSON, JSON Lines, CSV, Parquet or Arrow file of prompts and completions.",
                path);
        }

        return GzipFile.OrDamaged(ReadRows(path, source, labelled, names, conversations, passedOver), path);
    }

    static IEnumerable<ExampleText> ReadRows(
        string path, string source, bool labelled, ColumnNames? names, Conversations? conversations, Action<UnreadColumn>? passedOver)
    {
        var isEmpty = true;
        foreach (var row in JsonRows.Read(path, names, passedOver, labelled ? RowKind.Unpaired : RowKind.Supervised))
        {
            isEmpty = false;
            if (RowShape.Of(row) is { Kind: RowKind.Pair } pair && !row.Has("completion") && !row.Has("messages"))
            {
                throw new InvalidDataException($"{row.Where}: the row is {pair}. {Expected(labelled)}"
                    + (labelled ? "" : " To learn the chosen answers, read them as completions (`Columns` completion=chosen)."));
            }

            if (!labelled)
            {
                RefuseLabel(row);
            }

            if (conversations is not null && MessageLists.AreIn(row, "prompt", "completion", "messages"))
            {
                foreach (var text in OfMessages(source, row, labelled, conversations))
                {
                    yield return text;
                }

                continue;
            }

            RefuseWholeText(row);
            var completion = Text(row, "completion", labelled);
            var prompt = Text(row, "prompt", labelled);
            var known = Known(row, labelled);
            yield return new ExampleText(source, row.Number, prompt, [completion], known)
            {
                Unusable = Emptiness.Find([completion], known),
            };
        }

        if (isEmpty)
        {
            throw new InvalidDataException($"{path} has no rows; expected at least one prompt with its completion.");
        }
    }

    static IEnumerable<ExampleText> OfMessages(string source, JsonRow row, bool labelled, Conversations conversations)
    {
        if (!MessageLists.AreIn(row, "messages"))
        {
            return [OfMessages(source, row, labelled, conversations, MessageLists.Of(row, "completion"))];
        }

        // A label is of the whole conversation.
        var turns = MessageLists.OfWhole(row, "messages", labelled ? ScoredTurns.Last : conversations.Turns);
        var texts = turns.Select((turn, i) =>
            OfMessages(source, row, labelled, conversations, turn) with { Turn = labelled ? null : (i + 1, turns.Count) }).ToList();
        return texts.Select(text => text with { DecidedBy = texts[0].Prompt });
    }

    static ExampleText OfMessages(string source, JsonRow row, bool labelled, Conversations conversations, MessageLists messages)
    {
        var rendering = conversations.Render(row, messages);
        var known = Known(row, labelled);
        return rendering.Refusal is { } refusal
            ? ExampleText.Refused(source, row.Number, known, refusal)
            : new ExampleText(source, row.Number, rendering.Prompt, rendering.Completions, known)
            {
                Unusable = messages.Emptiness(rendering.Completions, known),
                Losses = rendering.Losses,
            };
    }

    static Judgement Known(JsonRow row, bool labelled) => labelled ? new Judgement.Label(Label(row)) : Judgement.Nothing;

    static string Text(JsonRow row, string name, bool labelled) => Value(row, name) is { ValueKind: JsonValueKind.String } value
        ? JsonRow.Text(row.Where, name, value)
        : throw new InvalidDataException($"{row.Where}: '{name}' is missing or no string. {Expected(labelled)}");

    // What language modelling calls its rows: every token is learned, and none is a prompt.
    static void RefuseWholeText(JsonRow row)
    {
        if (row.Has("text") && !row.Has("prompt") && !row.Has("completion") && !row.Has("messages"))
        {
            throw new InvalidDataException($"{row.Where}: the row has 'text' alone, and what is learned here is a completion behind a "
                + "prompt. For text that is learned whole, write it as 'completion' behind an empty 'prompt'; the tokenizer must then "
                + "begin every sequence with a token.");
        }
    }

    static string Expected(bool labelled) =>
        $"Each row needs the strings 'prompt' and 'completion'{(labelled ? " and the truth value 'label'" : "")}.";

    static bool Label(JsonRow row) => LabelOf(row) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value
        ? value.GetBoolean()
        : throw new InvalidDataException(
            $"{row.Where}: 'label' is {Found(row)}. Each row needs the strings 'prompt' and 'completion' "
            + "and the truth value 'label', true where the completion is desirable.");

    static string Found(JsonRow row) => LabelOf(row) is { ValueKind: not JsonValueKind.Null } label
        ? $"{label.GetRawText()}; expected true or false"
        : "missing or neither true nor false";

    // To imitate a completion that its row calls undesirable would be the opposite of what was asked for.
    static void RefuseLabel(JsonRow row)
    {
        if (LabelOf(row) is { ValueKind: JsonValueKind.True or JsonValueKind.False })
        {
            throw new InvalidDataException(
                $"{row.Where}: 'label' makes this unpaired feedback, and supervised training imitates every completion. "
                + "Keep the desirable rows and leave the column out, or train with `Loss` kto.");
        }
    }

    // LLaMA-Factory calls it kto_tag.
    static JsonElement? LabelOf(JsonRow row) => Value(row, "label") ?? Value(row, "kto_tag");

    static JsonElement? Value(JsonRow row, string name) =>
        row.Value.ValueKind == JsonValueKind.Object && row.Value.TryGetProperty(name, out var value) ? value : null;
}
