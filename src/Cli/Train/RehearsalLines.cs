using System.Globalization;
using OrtDpo.Batches;
using OrtDpo.Runtime.Memory;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.Cli.Train;

/// <summary>What a dry run found, behind the decisions.</summary>
static class RehearsalLines
{
    const int MostRows = 8;

    /// <summary>The lines.</summary>
    /// <param name="found">What was found.</param>
    /// <param name="verb">The verb that would run.</param>
    /// <param name="folder">The run's folder.</param>
    public static IEnumerable<string> Of(Rehearsal found, string verb, string folder)
    {
        var (next, last) = (found.StartsAfter + 1, found.Plan.TotalSteps);
        if (found.FirstRows.Count == 0)
        {
            yield return Text($"dry run: nothing was written; the run in {folder} has done all of its {last} steps");
            yield break;
        }

        yield return Rows(next, found.FirstRows);
        if (next < last)
        {
            yield return Rows(last, found.LastRows);
        }

        yield return Text($"checkpoints: {Size(found.CheckpointBytes)} each, at most {found.Checkpoints} more at once; ")
            + (found.FreeBytes is { } free
                ? Text($"{MemoryText.Of(free)} free on the disk of {folder}")
                : "the system does not say what is free");
        yield return "dry run: nothing was written; " + (found.StartsAfter == 0
            ? Text($"{verb} would begin the run in {folder} with step 1 of {last}")
            : Text($"{verb} would go on with the run in {folder} after step {found.StartsAfter} of {last}"));
    }

    static string Size(long bytes) => bytes < 1_000_000 ? Text($"{bytes / 1_000.0:0.#} kB") : MemoryText.Of(bytes);

    static string Rows(int step, IReadOnlyList<TrainingRow> rows) =>
        Text($"step {step}: {rows.Sum(row => row.Terms)} {Unit(rows[0])}, {rows.Sum(row => (long)row.SequenceTokens)} tokens: ")
            + string.Join(", ", rows.Take(MostRows).Select(row => row.Id)) + (rows.Count > MostRows ? ", …" : "");

    static string Unit(TrainingRow row) => row.Tokens.Kind == RowKind.Pair ? "pairs" : "rows";

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
