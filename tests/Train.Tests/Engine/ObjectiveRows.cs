using OrtDpo.Batches;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>Rows of any kind with what an engine's model, before its first update, says of them as their reference.</summary>
static class ObjectiveRows
{
    public static TrainingRow[] Of(StepEngine engine, TinyLlama model, RowKind kind, int count)
    {
        var pairs = model.Pairs(count);
        return [.. pairs.Select((pair, i) => kind switch
        {
            RowKind.Pair => Row(i, pair, Reference(engine, pair)),
            RowKind.Unpaired => Unpaired(engine, i, pair, pairs[(i + 1) % count].Completions[0]),
            _ => Row(i, Example.Unjudged(pair.Prompt, pair.Completions[0]), reference: null),
        })];
    }

    /// <summary>The row with a reference that thinks less of everything than the model, and of some rows less than of others.</summary>
    public static TrainingRow WithOtherReference(TrainingRow row)
    {
        var factor = 1.2f + (0.3f * (row.SourceRow % 3));
        return row with
        {
            Reference = row.Reference?.Select(r => new CompletionLogps(r.Sum * factor, [.. r.Tokens.Select(l => l * factor)])).ToList(),
            Mismatched = row.Mismatched is not { } m ? null : m with { RefLogps = m.RefLogps * factor },
        };
    }

    static TrainingRow Unpaired(StepEngine engine, int i, Example pair, int[] mismatched)
    {
        var tokens = Example.Labelled(pair.Prompt, pair.Completions[0], i % 3 != 0);
        var other = Reference(engine, Example.Unjudged(pair.Prompt, mismatched));
        return Row(i, tokens, Reference(engine, tokens)) with { Mismatched = new MismatchedCompletion(mismatched, other[0].Sum) };
    }

    static TrainingRow Row(int i, Example tokens, CompletionLogps[]? reference) => new([$"{i}"], tokens, reference, "rows", i + 1);

    static CompletionLogps[] Reference(StepEngine engine, Example tokens)
    {
        var batch = ExamplePacking.Pack([tokens]);
        var logps = engine.Score(batch);
        return [.. tokens.Completions.Select((completion, k) =>
            CompletionLogps.Of(logps.AsSpan(k * batch.CompletionWidth, completion.Length).ToArray()))];
    }
}
