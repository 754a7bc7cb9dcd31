using OrtDpo.Batches;
using OrtDpo.Objectives;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Artifacts.Tests.Graphs;

/// <summary>Rows of random tokens with a reference of random log-probabilities, of the kind that an objective takes.</summary>
static class RandomRows
{
    public static TrainingRow[] Of(Objective objective, int vocabulary, int count, int seed)
    {
        var random = new Random(seed);
        var kind = LossSession.RowsOf(objective);
        return [.. Enumerable.Range(0, count).Select(i => Row(i, kind switch
        {
            RowKind.Pair => Example.Pair(Tokens(2, 7), Tokens(1, 6), Tokens(1, 9)),
            RowKind.Unpaired => Example.Labelled(Tokens(2, 7), Tokens(1, 8), isDesirable: i % 3 != 1),
            _ => Example.Unjudged(Tokens(2, 7), Tokens(1, 8)),
        }))];

        TrainingRow Row(int i, Example tokens)
        {
            var reference = objective.NeedsReference ? tokens.Completions.Select(Reference).ToList() : null;
            var row = new TrainingRow([$"{i}"], tokens, reference, "rows", i + 1);
            return kind == RowKind.Unpaired
                ? row with { Mismatched = new MismatchedCompletion(Tokens(1, 5), -40 * random.NextDouble()) }
                : row;
        }

        // About what a model says that knows nothing.
        CompletionLogps Reference(int[] completion) => CompletionLogps.Of(
            [.. completion.Select(_ => (float)(-Math.Log(vocabulary) - 1 + (2 * random.NextDouble())))]);

        int[] Tokens(int least, int most) =>
            [.. Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => random.Next(vocabulary))];
    }
}
