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

    /// <summary>Columns beside which those of the form are further columns, to be passed over.</summary>
    string[] Others { get; init; } = [];

    /// <summary>What else its rows are known by.</summary>
    Func<JsonRow, bool> IsOf { get; init; } = _ => true;

    /// <summary>All forms that are not read as they stand.</summary>
    static readonly RowForm[] All =
    [
        new("Stanford Human Preferences", ["history", "human_ref_A", "human_ref_B", "labels"], HumanPreferences),
        new("summary comparisons", ["info", "summaries", "choice"], SummaryComparison.Write),
        new("ShareGPT pairs", ["conversations", "chosen", "rejected"], ShareGpt.Write),
        new("ShareGPT", ["conversations"], ShareGpt.Write) { Others = ["completion", "messages"] },
        new("instructions", ["instruction", "output"], Instruction.Write),
        new("ranked completions", [], RankedForm.Write) { Others = ["chosen", "rejected"], IsOf = RankedForm.Is },
    ];

    /// <summary>The form of <paramref name="row"/>; null: it is read as it stands.</summary>
    internal static RowForm? Of(JsonRow row) => row.Value.ValueKind == JsonValueKind.Object
        ? Array.Find(
            All,
            form => Array.TrueForAll(form.Columns, column => row.Value.TryGetProperty(column, out _))
                && !Array.Exists(form.Others, row.Has) && form.IsOf(row))
        : null;

    /// <summary>The row in columns that the readers know; <c>label</c> stays.</summary>
    /// <exception cref="InvalidDataException">A column holds something else than its form says.</exception>
    internal JsonDocument Rewrite(JsonRow row)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            Write(writer, row);
            // Without its label an undesirable completion would be imitated.
            if (row.Has("label"))
            {
                writer.WritePropertyName("label");
                row.Value.GetProperty("label").WriteTo(writer);
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

        if (row.Value.TryGetProperty(ScoreRatio, out var ratio))
        {
            writer.WritePropertyName(ScoreRatio);
            ratio.WriteTo(writer);
        }

        writer.WriteString("prompt", $"\n\nHuman: {row.TextOf("history")}{Transcript.Marker}");
        writer.WriteString("chosen", ' ' + row.TextOf(better == 1 ? "human_ref_A" : "human_ref_B"));
        writer.WriteString("rejected", ' ' + row.TextOf(better == 1 ? "human_ref_B" : "human_ref_A"));
    }
}
