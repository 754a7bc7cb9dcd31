using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>Instructions with an input, if any, and the output to learn, in the words that Stanford Alpaca's models saw; or
/// where the rows are conversations, as a user says them.</summary>
static class Instruction
{
    internal static void Write(Utf8JsonWriter writer, JsonRow row)
    {
        WritePrompt(writer, row);
        writer.WriteString("completion", row.TextOf("output"));
    }

    internal static void WritePrompt(Utf8JsonWriter writer, JsonRow row)
    {
        var hasInput = row.Value.TryGetProperty("input", out var input) && input.ValueKind != JsonValueKind.Null;
        var given = hasInput ? row.TextOf("input") : "";
        if (row.IsOfConversations)
        {
            // A template has words of its own for who speaks; LLaMA-Factory, whose form this is, joins the two likewise.
            writer.WriteString("prompt", given.Length > 0 ? $"{row.TextOf("instruction")}\n{given}" : row.TextOf("instruction"));
            return;
        }

        writer.WriteString("prompt", given.Length > 0
            ? "Below is an instruction that describes a task, paired with an input that provides further context. "
                + "Write a response that appropriately completes the request.\n\n"
                + $"### Instruction:\n{row.TextOf("instruction")}\n\n### Input:\n{given}\n\n### Response:\n"
            : "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
                + $"### Instruction:\n{row.TextOf("instruction")}\n\n### Response:\n");
    }
}
