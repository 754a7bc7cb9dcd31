using System.Globalization;
using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>What a row's columns say the two completions of a pair are worth; a higher score is the better one.</summary>
/// <param name="Chosen">The chosen completion's score.</param>
/// <param name="Rejected">The rejected completion's score.</param>
public readonly record struct PairScores(double Chosen, double Rejected)
{
    // As UltraFeedback's binarized rows, Argilla's and reward models' outputs have them.
    static readonly (string Chosen, string Rejected)[] Columns =
    [
        .. new[] { "score", "rating", "reward" }.SelectMany(word => new[] { '_', '-' }.SelectMany(dash => new[]
        {
            ($"{word}{dash}chosen", $"{word}{dash}rejected"), ($"chosen{dash}{word}", $"rejected{dash}{word}"),
        })),
    ];

    /// <summary>Whether the rejected completion has the higher score.</summary>
    public bool Contradict => Chosen < Rejected;

    /// <summary>The columns of scores that a row has; null where it has none, or one alone.</summary>
    internal static (string Chosen, string Rejected)? ColumnsOf(RowColumns row)
    {
        foreach (var columns in Columns)
        {
            if (row.Contains(columns.Chosen) && row.Contains(columns.Rejected))
            {
                return columns;
            }
        }

        return null;
    }

    /// <summary>Whether a column of scores holds one, or nothing.</summary>
    internal static bool IsScore(JsonElement row, string column) =>
        row.GetProperty(column).ValueKind == JsonValueKind.Null || Number(row, column) is not null;

    /// <summary>The scores in those columns; null where one is no number.</summary>
    internal static PairScores? Of(JsonElement row, (string Chosen, string Rejected) columns) =>
        Number(row, columns.Chosen) is { } chosen && Number(row, columns.Rejected) is { } rejected ? new(chosen, rejected) : null;

    // CSV has no types, and other programs write numbers as text.
    static double? Number(JsonElement row, string column) => row.GetProperty(column) switch
    {
        { ValueKind: JsonValueKind.Number } number => number.GetDouble(),
        { ValueKind: JsonValueKind.String } text when double.TryParse(
            text.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => number,
        _ => null,
    };
}
