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
            RowKind.Unpaired => Unpaired(engine, i, pair, pairs[(i + 1) % count].Chosen),
            _ => Row(i, pair with { Rejected = [] }, reference: null),
        })];
    }

    /// <summary>The row with a reference that thinks less of everything than the model, and of some rows less than of others.</summary>
    public static TrainingRow WithOtherReference(TrainingRow row)
    {
        var factor = 1.2f + (0.3f * (row.SourceRow % 3));
        float[] Scaled(float[] logps) => [.. logps.Select(l => l * factor)];
        return row with
        {
            Reference = row.Reference is not { } r
                ? null
                : new(r.Chosen * factor, r.Rejected * factor, Scaled(r.ChosenTokens), Scaled(r.RejectedTokens)),
            Feedback = row.Feedback is not { } f ? null : f with { RefMismatchedLogps = f.RefMismatchedLogps * factor },
        };
    }

    static TrainingRow Unpaired(StepEngine engine, int i, PairTokens pair, int[] mismatched)
    {
        var tokens = pair with { Rejected = [] };
        var other = Reference(engine, tokens with { Chosen = mismatched });
        return Row(i, tokens, Reference(engine, tokens)) with { Feedback = new Feedback(i % 3 != 0, mismatched, other.Chosen) };
    }

    static TrainingRow Row(int i, PairTokens tokens, ReferenceLogps? reference) => new($"{i}", tokens, reference, "rows", i + 1);

    static ReferenceLogps Reference(StepEngine engine, PairTokens tokens)
    {
        var batch = PairPacking.Pack([tokens]);
        var logps = engine.Score(batch);
        var chosen = logps[..tokens.Chosen.Length];
        var rejected = tokens.IsPair ? logps.AsSpan(batch.CompletionWidth, tokens.Rejected.Length).ToArray() : [];
        return new(chosen.Sum(l => (double)l), rejected.Sum(l => (double)l), chosen, rejected);
    }
}
