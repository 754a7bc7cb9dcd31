using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Data.Ranked;

namespace OrtDpo.Data;

/// <summary>
/// Reads preference pairs from a JSON or JSON Lines file, plain or gzip, or from Parquet: rows of <c>prompt</c>, <c>chosen</c>,
/// <c>rejected</c>, or rows of two transcripts that begin with their prompt, as in HH-RLHF; or of a prompt with ranked completions. All
/// rows of a file are of one kind.
/// </summary>
public static class PairFile
{
    // What prompts are mostly called where they are not called so.
    static readonly string[] Prompts = ["question", "query", "instruction", "input"];

    /// <summary>Reads <paramref name="path"/> row by row.</summary>
    /// <param name="path">The file.</param>
    /// <param name="source">The name that its rows carry.</param>
    /// <param name="names">The names that its columns have; null: those above.</param>
    /// <param name="conversations">How rows of messages become text; null: they are refused.</param>
    /// <param name="pairs">Which pairs are made of ranked completions.</param>
    /// <param name="passedOver">Called for each column that no row is made of; null: nobody wants to know.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, has no rows, or a row is wrong; the message names file and line.
    /// </exception>
    /// <exception cref="NotSupportedException">The file holds a known kind of data that this version does not read.</exception>
    public static IEnumerable<ExampleText> Read(
        string path, string source, ColumnNames? names = null, Conversations? conversations = null, PairChoice pairs = PairChoice.BestWorst,
        Action<UnreadColumn>? passedOver = null)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"The data file {path} does not exist. Give a JSON, JSON Lines, CSV, Parquet or Arrow file of preference pairs.", path);
        }

        return GzipFile.OrDamaged(ReadRows(path, source, names, conversations, pairs, passedOver), path);
    }

    static IEnumerable<ExampleText> ReadRows(
        string path, string source, ColumnNames? names, Conversations? conversations, PairChoice pairs,
        Action<UnreadColumn>? passedOver)
    {
        var isEmpty = true;
        foreach (var row in JsonRows.Read(path, names, passedOver))
        {
            isEmpty = false;
            var shape = RowShape.Of(row);
            if (shape is { Kind: not RowKind.Pair })
            {
                throw new InvalidDataException($"{row.Where}: the row is {shape}. {PairColumns.Expected}");
            }

            if (shape is { IsRanked: true })
            {
                yield return RankedRow.Read(source, row, pairs, conversations);
                continue;
            }

            var pair = conversations is not null && shape is { HasMessages: true }
                ? ToPair(source, row, conversations)
                : ToPair(source, row, PairColumns.Of(row));
            yield return pair with { ScoreRatio = ScoreRatio(row), Scores = row.Scores };
        }

        if (isEmpty)
        {
            throw new InvalidDataException($"{path} has no rows; expected at least one preference pair.");
        }
    }

    static ExampleText ToPair(string source, JsonRow row, Conversations conversations)
    {
        var messages = MessageLists.Of(row, "chosen", "rejected");
        var rendering = conversations.Render(row, messages);
        var known = Judgement.Preference.FirstOfTwo;
        return rendering.Refusal is { } refusal
            ? ExampleText.Refused(source, row.Number, known, refusal)
            : new ExampleText(source, row.Number, rendering.Prompt, rendering.Completions, known)
            {
                Unusable = messages.Emptiness(rendering.Completions, known),
                Losses = rendering.Losses,
            };
    }

    static double? ScoreRatio(JsonRow row) =>
        !row.Value.TryGetProperty(RowForm.ScoreRatio, out var ratio) || ratio.ValueKind == JsonValueKind.Null ? null
        : ratio.ValueKind == JsonValueKind.Number ? ratio.GetDouble()
        : throw new InvalidDataException(
            $"{row.Where}: '{RowForm.ScoreRatio}' is {ratio.ValueKind}; expected how many times the other's score the chosen answer has.");

    static ExampleText ToPair(string source, JsonRow row, PairColumns columns)
    {
        var (prompt, chosen, rejected) = columns;
        var known = Judgement.Preference.FirstOfTwo;
        if (prompt is null)
        {
            if (!Transcript.Is(chosen, rejected))
            {
                throw NoPrompt(row);
            }

            var length = Transcript.PromptLength(chosen, rejected);
            if (length <= 0)
            {
                return ExampleText.Dropped(source, row.Number, known, DropReason.NoAssistantMarker);
            }

            (prompt, chosen, rejected) = (chosen[..length], chosen[length..], rejected[length..]);
        }

        return new ExampleText(source, row.Number, prompt, [chosen, rejected], known)
        {
            Unusable = Emptiness.Find([chosen, rejected], known),
            Losses = Transcript.UserTurns(prompt, chosen, rejected),
        };
    }

    static bool MayBePrompt(JsonElement value) => value.ValueKind == JsonValueKind.String && !value.ValueEquals("");

    // What two plain texts share is no prompt: "The" of "The sky is blue." and "The sea is blue." asks nothing.
    static InvalidDataException NoPrompt(JsonRow row)
    {
        string[] texts = [.. row.Value.EnumerateObject()
            .Where(member => member.Name is not ("chosen" or "rejected") && MayBePrompt(member.Value))
            .Select(member => member.Name)];
        var likely = Array.Find(Prompts, texts.Contains) ?? texts.FirstOrDefault();
        return new($"{row.Where}: 'chosen' and 'rejected' are texts, and nothing says what their prompt is. " + (texts.Length == 0
            ? "There is no other column of text: add the prompt as 'prompt'."
            : $"Its other columns of text are {string.Join(", ", texts.Select(name => $"'{name}'"))}; "
                + $"name the prompt's, as in `Columns` prompt={likely}."));
    }
}
