using System.Text.Json;
using OrtDpo.Batches;

namespace OrtDpo.Data.Ranked;

/// <summary>Rows of <c>prompt</c>, <c>completions</c> and <c>scores</c>, as <see cref="RankedForm"/> writes them.</summary>
static class RankedRow
{
    /// <summary>The row with the pairs of <paramref name="choice"/>, and the completions that these need.</summary>
    /// <exception cref="InvalidDataException">A part of the row is missing or something else.</exception>
    internal static ExampleText Read(string source, JsonRow row, PairChoice choice, Conversations? conversations)
    {
        if (!row.Has("prompt"))
        {
            throw new InvalidDataException($"{row.Where}: 'prompt' is missing, which the completions answer. "
                + "Correct the row, or name the column with `Columns`.");
        }

        var scores = row.Part("scores", JsonValueKind.Array).EnumerateArray().Select(score => score.GetDouble()).ToList();
        var (used, pairs) = RankedPairs.Of(scores, choice);
        if (pairs.Count == 0)
        {
            return ExampleText.Dropped(source, row.Number, Judgement.Preference.FirstOfTwo, DropReason.EqualScores) with
            {
                Prompt = PromptText(row),
                IsRanked = true,
            };
        }

        var known = used.Count == 2 ? Judgement.Preference.FirstOfTwo : new Judgement.Preference(pairs);
        var completions = row.Value.GetProperty("completions").EnumerateArray().ToList();
        return MessageLists.AreIn(row, "prompt")
            ? OfMessages(source, row, [.. used.Select(i => completions[i])], known, conversations)
            : OfTexts(source, row, [.. used.Select(i => completions[i])], known);
    }

    static ExampleText OfTexts(string source, JsonRow row, List<JsonElement> completions, Judgement known)
    {
        string[] texts = [.. completions.Select(completion => completion.ValueKind == JsonValueKind.String
            ? JsonRow.Text(row.Where, "completions", completion)
            : throw new InvalidDataException($"{row.Where}: 'prompt' is text and 'completions' holds {completion.ValueKind}; "
                + "expected texts, or a prompt of messages."))];
        return new ExampleText(source, row.Number, row.TextOf("prompt"), texts, known)
        {
            Unusable = Emptiness.Find(texts, known), IsRanked = true,
        };
    }

    static ExampleText OfMessages(
        string source, JsonRow row, List<JsonElement> completions, Judgement known, Conversations? conversations)
    {
        if (conversations is null)
        {
            throw new NotSupportedException($"{row.Where}: 'prompt' holds messages (conversational data), which are not read here.");
        }

        var messages = MessageLists.OfRanked(row, completions);
        var rendering = conversations.Render(row, messages);
        return rendering.Refusal is { } refusal
            ? ExampleText.Refused(source, row.Number, known, refusal) with { IsRanked = true }
            : new ExampleText(source, row.Number, rendering.Prompt, rendering.Completions, known)
            {
                Unusable = messages.Emptiness(rendering.Completions, known), IsRanked = true, Losses = rendering.Losses,
            };
    }

    // For the split by prompt, which counts rows that are dropped too.
    static string PromptText(JsonRow row) =>
        row.Value.GetProperty("prompt") is { ValueKind: JsonValueKind.String } text ? JsonRow.Text(row.Where, "prompt", text) : "";
}
