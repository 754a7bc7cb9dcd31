using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Training;

namespace OrtDpo.Objectives.Tests;

/// <summary>A golden batch of per-token log-probabilities, brought to a loss's inputs by the code that training uses.</summary>
sealed class TokenPairs(JsonElement batch)
{
    readonly double[][] refChosen = GoldenLosses.Lists(batch, "ref_chosen");
    readonly double[][] refRejected = GoldenLosses.Lists(batch, "ref_rejected");

    public double[][] Chosen { get; } = GoldenLosses.Lists(batch, "policy_chosen");

    public double[][] Rejected { get; } = GoldenLosses.Lists(batch, "policy_rejected");

    /// <summary>The pairs, with LD-DPO's weight of the longer completion's tail.</summary>
    public LossInputs Pairs(float ldAlpha)
    {
        var rows = Chosen.Select((_, i) => Row(i, Example.Pair([0], Tokens(Chosen[i]), Tokens(Rejected[i]))) with
        {
            Reference = [new(refChosen[i].Sum(), Floats(refChosen[i])), new(refRejected[i].Sum(), Floats(refRejected[i]))],
        });
        return Inputs(rows, [.. Chosen.Zip(Rejected).SelectMany(pair => (double[][])[pair.First, pair.Second])], ldAlpha);
    }

    /// <summary>The chosen completions as desirable rows, then the rejected as undesirable ones.</summary>
    public LossInputs Feedback()
    {
        double[][] references = [.. refChosen, .. refRejected];
        double[][] completions = [.. Chosen, .. Rejected];
        var rows = completions.Select((tokens, i) => Row(i, Example.Labelled([0], Tokens(tokens), i < Chosen.Length)) with
        {
            Reference = [new CompletionLogps(references[i].Sum(), Floats(references[i]))],
        });
        return Inputs(rows, completions, ldAlpha: 1);
    }

    /// <summary>The chosen completions, to imitate.</summary>
    public LossInputs Imitation() =>
        Inputs(Chosen.Select((tokens, i) => Row(i, Example.Unjudged([0], Tokens(tokens)))), Chosen, ldAlpha: 1);

    /// <summary>The graph's vectors of these inputs.</summary>
    public static Dictionary<string, double[]> Vectors(LossInputs inputs) => new()
    {
        ["logps"] = inputs.Logps,
        ["lengths"] = [.. inputs.Lengths.Select(n => (double)n)],
        ["ref_logps"] = inputs.RefLogps,
        ["ref_chosen_logps"] = inputs.RefLogps[..inputs.Pairs],
        ["ref_rejected_logps"] = inputs.RefLogps[inputs.Pairs..],
        ["labels"] = [.. inputs.Labels.Select(x => (double)x)],
    };

    static LossInputs Inputs(IEnumerable<TrainingRow> rows, double[][] completions, float ldAlpha)
    {
        var micro = MicroBatch.Of([.. rows]);
        var width = micro.Packed.CompletionWidth;
        var tokenLogps = new float[completions.Length * width];
        for (var r = 0; r < completions.Length; r++)
        {
            Floats(completions[r]).CopyTo(tokenLogps, r * width);
        }

        var needsReference = micro.Rows[0].Reference is not null;
        var scored = new ScoredRows(
            new LossTraits { Rows = micro.Rows[0].Tokens.Kind, NeedsReference = needsReference, LdAlpha = ldAlpha });
        scored.Add(micro, tokenLogps);
        return scored.Inputs(kl: 0);
    }

    static TrainingRow Row(int number, Example tokens) => new([$"{number}"], tokens, null, "T2", number + 1);

    static int[] Tokens(double[] logps) => [.. Enumerable.Range(1, logps.Length)];

    // Multiples of a quarter: exact.
    static float[] Floats(double[] logps) => [.. logps.Select(x => (float)x)];
}
