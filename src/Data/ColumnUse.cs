using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrtDpo.Data;

/// <summary>
/// What becomes of the columns that a row is not made of: one that changes what the row means is refused with its row, any other is passed
/// over and told of once.
/// </summary>
/// <param name="passedOver">Called once for each column that is passed over; null: nobody asks.</param>
sealed partial class ColumnUse(Action<UnreadColumn>? passedOver)
{
    const int Shown = 40;

    readonly HashSet<string> noted = new(StringComparer.Ordinal);

    // What a row that had nothing to refuse, whatever it holds, was known by.
    (RowColumns Columns, RowForm? Form, RowShape Shape)? settled;

    /// <summary>Looks at the columns of a row, under the names that are known.</summary>
    /// <param name="row">The row as the file has it.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="form">Its form; null where it is read as it stands.</param>
    /// <param name="shape">What it becomes; null where no column says what it is.</param>
    /// <exception cref="InvalidDataException">A column that changes what the row means is not read.</exception>
    internal void Check(JsonRow row, RowColumns columns, RowForm? form, RowShape? shape)
    {
        if (row.Value.ValueKind != JsonValueKind.Object || shape is not { } known || settled == (columns, form, known))
        {
            return;
        }

        var mayDiffer = false;
        foreach (var member in row.Value.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            if (IsUsed(row, member.Name, form, known) || IsScore(row, member.Name, columns, known))
            {
                mayDiffer |= form?.Members is not null || PairScores.ColumnsOf(columns) is not null;
                CheckMembers(row, member, form);
                continue;
            }

            var advice = Meaning(member.Name, known);
            mayDiffer |= advice is not null;
            Note(row, member.Name, member.Value, advice);
        }

        settled = mayDiffer ? null : (columns, form, known);
    }

    // Of a column that is an object with the parts of a row in it.
    void CheckMembers(JsonRow row, JsonProperty column, RowForm? form)
    {
        if (form?.Members is not var (name, read) || column.Name != name || column.Value.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var member in column.Value.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Null && !read.Contains(member.Name))
            {
                Note(row, $"{name}/{member.Name}", member.Value, RowForm.Beside.Contains(member.Name)
                    ? "give the system's text and earlier turns as messages, and switches of the template as a column of the row."
                    : null);
            }
        }
    }

    void Note(JsonRow row, string name, JsonElement value, string? advice)
    {
        if (advice is not null && !IsEmpty(value) && !(MediaColumn.Is(name) && MediaColumn.IsEmpty(value)))
        {
            throw new InvalidDataException($"{row.Where}: column '{name}' changes what the row means, and is not read: {advice}");
        }

        if (passedOver is not null && noted.Add(name))
        {
            passedOver(new UnreadColumn(name, TypeOf(value)) { Example = ExampleOf(value) });
        }
    }

    static bool IsUsed(JsonRow row, string name, RowForm? form, RowShape shape) =>
        form?.Reads(row, name) == true
        || (RowForm.Beside.Contains(name) && IsUsedBeside(name, shape))
        || (form is null && (shape.Kind == Batches.RowKind.Pair
            ? name is "chosen" or "rejected" || (name == "prompt" && !IsRepeated(row))
            : MessageLists.AreIn(row, "messages") ? name == "messages" : name is "prompt" or "completion" or "messages"));

    // Whole conversations hold their prompt.
    static bool IsRepeated(JsonRow row) => !MessageLists.AreIn(row, "prompt") && MessageLists.AreWhole(row);

    static bool IsScore(JsonRow row, string name, RowColumns columns, RowShape shape) => shape.Kind == Batches.RowKind.Pair
        && PairScores.ColumnsOf(columns) is var (chosen, rejected) && (name == chosen || name == rejected)
        && PairScores.IsScore(row.Value, name);

    static bool IsUsedBeside(string name, RowShape shape) => name switch
    {
        "tools" or "chat_template_kwargs" => shape.HasMessages,
        "label" or "kto_tag" => shape.Kind != Batches.RowKind.Pair,
        RowForm.ScoreRatio => shape.Kind == Batches.RowKind.Pair,
        _ => true,
    };

    static string? Meaning(string name, RowShape shape) =>
        MediaColumn.Is(name) ? MediaColumn.Advice
        : name == "tools" && !shape.HasMessages
            ? "functions are offered by a chat template. Write the row as messages, or leave the column out."
        : FurtherCompletion().IsMatch(name)
            ? "it is a further completion. Write the row with 'completions' and their 'ranks', or leave the column out."
        : null;

    static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.ValueEquals(""),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.GetPropertyCount() == 0,
        _ => false,
    };

    static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "text",
        JsonValueKind.Number => "number",
        JsonValueKind.Array => "list",
        JsonValueKind.Object => "object",
        _ => "truth value",
    };

    // Half of a surrogate pair is no text; what nobody asks for is not refused for it.
    static string ExampleOf(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= Shown ? text : text[..Shown] + "…";
    }

    [GeneratedRegex(@"^((chosen|rejected)[-_ ]?[0-9]+|(chosen|rejected)_(responses|completions|list))$")]
    private static partial Regex FurtherCompletion();
}
