using OrtDpo.Batches;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>
/// Puts the pairs of ranked completions together again, which files hold one by one: the prompt and each completion then go through the
/// model once, however many pairs they are in.
/// </summary>
static class RankedRows
{
    /// <summary>The rows, those that come from one row of the data as one.</summary>
    /// <param name="rows">Rows of one row of the data lie side by side; equal ones are its copies, by the weight of its source.</param>
    public static List<TrainingRow> Join(IEnumerable<TrainingRow> rows)
    {
        var joined = new List<TrainingRow>();
        var group = new List<TrainingRow>();
        foreach (var row in rows)
        {
            // Turns of a conversation come from one row, too, and are no pairs.
            if (group.Count > 0 && (row.Tokens.Kind != RowKind.Pair
                || (group[0].Source, group[0].SourceRow) != (row.Source, row.SourceRow)))
            {
                joined.AddRange(OfGroup(group));
                group.Clear();
            }

            group.Add(row);
        }

        joined.AddRange(OfGroup(group));
        return joined;
    }

    static IEnumerable<TrainingRow> OfGroup(List<TrainingRow> group)
    {
        var pairs = group.DistinctBy(row => row.Keys[0]).ToList();
        return pairs.Count < 2 ? [.. group] : Enumerable.Repeat(Together(pairs), group.Count / pairs.Count);
    }

    static TrainingRow Together(List<TrainingRow> pairs)
    {
        var completions = new List<int[]>();
        var reference = pairs[0].Reference is null ? null : new List<CompletionLogps>();
        var places = new List<CompletionPair>();
        foreach (var row in pairs)
        {
            places.Add(new CompletionPair(PlaceOf(row, 0), PlaceOf(row, 1)));
        }

        return pairs[0] with
        {
            Keys = [.. pairs.Select(row => row.Keys[0])],
            Tokens = new Example(pairs[0].Tokens.Prompt, completions, new Judgement.Preference(places)),
            Reference = reference,
        };

        int PlaceOf(TrainingRow row, int completion)
        {
            var tokens = row.Tokens.Completions[completion];
            var place = completions.FindIndex(other => other.AsSpan().SequenceEqual(tokens));
            if (place >= 0)
            {
                return place;
            }

            completions.Add(tokens);
            reference?.Add(row.Reference![completion]);
            return completions.Count - 1;
        }
    }
}
