using OrtDpo.Artifacts.Graphs;
using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;
using OrtDpo.Objectives;
using OrtDpo.Testing.Running;
using OrtDpo.Training;

namespace OrtDpo.Artifacts.Tests.Graphs;

/// <summary>What a user of artifacts feeds for a batch of rows that is a whole optimizer step, by docs/on-device.md.</summary>
static class ArtifactFeeds
{
    public static Dictionary<string, Tensor> Of(
        Objective objective, IReadOnlyList<TrainingRow> rows, BatchLayout layout, double kl, DataType type = DataType.Float32)
    {
        var batch = ExamplePacking.Pack([.. rows.Select(row => row.Tokens)], layout);
        // Chosen completions first; in the batch they lie pair by pair.
        int[] order = objective.Rows == ObjectiveRows.Pairs
            ? [.. rows.Select((_, i) => 2 * i), .. rows.Select((_, i) => (2 * i) + 1)]
            : [.. rows.Select((_, i) => i)];
        var feeds = Batch(batch, order, type);
        var lengths = order.Select(batch.CompletionLength).ToArray();
        Add(LossPorts.Lengths, lengths.Select(n => (double)n));
        if (objective.NeedsReference)
        {
            AddReference();
        }

        Add(LossPorts.Labels, rows.Select(row => row.Tokens.Known is Judgement.Label { IsDesirable: true } ? 1.0 : 0));
        foreach (var (name, value) in objective.Scalars)
        {
            AddScalar(name, value);
        }

        AddScalar(ArtifactPorts.LdAlpha, objective.LdAlpha ?? 1);
        AddScalar(LossPorts.Kl, kl);
        var scales = LossScales.Of([.. rows]);
        AddScalar(LossPorts.LossScale, scales.Rows);
        AddScalar(LossPorts.TokenScale, scales.Tokens);
        return feeds;

        void AddReference()
        {
            var sums = order.Select(completion => Reference(rows, completion, objective)).ToArray();
            Add(LossPorts.RefLogps, sums);
            if (objective.Rows == ObjectiveRows.Pairs)
            {
                Add(LossPorts.RefChosenLogps, sums.Take(rows.Count));
                Add(LossPorts.RefRejectedLogps, sums.Skip(rows.Count));
            }
        }

        void Add(string name, IEnumerable<double> values)
        {
            var all = values.ToList();
            feeds[name] = Tensor.Of(type, [all.Count], all);
        }

        void AddScalar(string name, double value) => feeds[name] = Tensor.Of(type, [], [value]);
    }

    /// <summary>The inputs of a batch alone, its completions in an order.</summary>
    public static Dictionary<string, Tensor> Batch(PackedBatch batch, int[] order, DataType type = DataType.Float32)
    {
        long[] rows = [batch.Rows, batch.Width], completions = [batch.Completions, batch.CompletionWidth];
        return new(StringComparer.Ordinal)
        {
            ["input_ids"] = new(DataType.Int64, rows, batch.InputIds),
            ["position_ids"] = new(DataType.Int64, rows, batch.PositionIds),
            ["segment_ids"] = new(DataType.Int64, rows, batch.SegmentIds),
            ["attention_mask"] = new(DataType.Int64, rows, batch.SegmentIds.Select(id => id < 0 ? 0L : 1).ToArray()),
            ["completion_index"] = new(DataType.Int64, completions, Ordered(batch.CompletionIndex)),
            ["completion_ids"] = new(DataType.Int64, completions, Ordered(batch.CompletionIds)),
            ["completion_mask"] = Tensor.Of(type, completions, Ordered(batch.CompletionMask).Select(m => (double)m)),
        };

        T[] Ordered<T>(T[] all) => [.. order.SelectMany(i => all.AsSpan(i * batch.CompletionWidth, batch.CompletionWidth).ToArray())];
    }

    // The sum of a completion's tokens; with LD-DPO those behind the pair's shorter length weigh less.
    static double Reference(IReadOnlyList<TrainingRow> rows, int completion, Objective objective)
    {
        if (objective.Rows != ObjectiveRows.Pairs)
        {
            return rows[completion].Reference![0].Sum;
        }

        var (row, k) = (rows[completion / 2], completion % 2);
        if (objective.LdAlpha is null)
        {
            return row.Reference![k].Sum;
        }

        var shared = row.Tokens.Completions.Min(c => c.Length);
        return row.Reference![k].Tokens.Select((logp, t) => t < shared ? logp : objective.LdAlpha.Value * logp).Sum();
    }
}
