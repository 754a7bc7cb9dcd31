using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Gradients;
using OrtDpo.Batches;
using OrtDpo.Models.Decoders;
using OrtDpo.Objectives;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Families;

/// <summary>An objective over a whole batch as one composed graph, with its gradients and its feeds.</summary>
static class ComposedLoss
{
    public static Composition Compose(DecoderModel model, Objective objective)
    {
        var completions = objective.Rows == ObjectiveRows.Pairs ? (Dim)2 * "P" : "R";
        var composition = ModelComposition.TokenLogps(model, completions);
        composition.Append(new Fragment(LossGraphs.TokenSums(model.Type, completions), new Dictionary<string, string>()), "logps");
        composition.Append(new Fragment(objective.Build(model.Type), new Dictionary<string, string>()), "loss");
        return composition;
    }

    /// <summary>Adds the backward pass: <c>loss</c>, <c>token_logps</c> and <c>&lt;parameter&gt;_grad</c>.</summary>
    public static OnnxGraph WithGradients(Composition composition)
    {
        var b = composition.Builder;
        var loss = composition["loss"];
        var gradients = Backpropagation.Append(b, [(loss, b.Scalar(1, loss.Type))], [.. composition.Parameters.Values]);
        return b.Build(
        [
            ("loss", loss),
            ("token_logps", composition["token_logps"]),
            .. composition.Parameters.Select(p => ($"{p.Key}_grad", gradients.Total(b, p.Value)!)),
        ]);
    }

    /// <summary>Weights, tables and the batch.</summary>
    /// <param name="model">The model.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="arePairs">Whether a pair loss follows, which reads all chosen completions and then the rejected.</param>
    public static Dictionary<string, Tensor> Feeds(
        DecoderModel model, IReadOnlyDictionary<string, Tensor> weights, PackedBatch batch, bool arePairs = false)
    {
        long[] rows = [batch.Rows, batch.Width], completions = [batch.Completions, batch.CompletionWidth];
        return new(weights.Concat(model.Tables().Select(t => KeyValuePair.Create(t.Name, TensorOf(model, t)))), StringComparer.Ordinal)
        {
            ["input_ids"] = new(DataType.Int64, rows, batch.InputIds),
            ["position_ids"] = new(DataType.Int64, rows, batch.PositionIds),
            ["segment_ids"] = new(DataType.Int64, rows, batch.SegmentIds),
            ["completion_index"] = new(DataType.Int64, completions, Ordered(batch.CompletionIndex)),
            ["completion_ids"] = new(DataType.Int64, completions, Ordered(batch.CompletionIds)),
            ["completion_mask"] = Tensor.Of(model.Type, completions, Ordered(batch.CompletionMask).Select(m => (double)m)),
        };

        T[] Ordered<T>(T[] tokens) => arePairs ? ChosenFirst(tokens, batch.CompletionWidth) : tokens;
    }

    /// <summary>The same and what a pair loss needs.</summary>
    public static Dictionary<string, Tensor> Feeds(
        DecoderModel model,
        IReadOnlyDictionary<string, Tensor> weights,
        PackedBatch batch,
        double beta,
        double[] refChosenLogps,
        double[] refRejectedLogps) =>
        new(Feeds(model, weights, batch, arePairs: true), StringComparer.Ordinal)
        {
            ["ref_chosen_logps"] = Tensor.Of(model.Type, [batch.Completions / 2], refChosenLogps),
            ["ref_rejected_logps"] = Tensor.Of(model.Type, [batch.Completions / 2], refRejectedLogps),
            ["beta"] = Tensor.Of(model.Type, [], [beta]),
            ["loss_scale"] = Tensor.Of(model.Type, [], [2.0 / batch.Completions]),
        };

    /// <summary>What a batch has of its pairs, one after the other, in the order of a pair loss.</summary>
    public static double[] ChosenFirst(double[] tokens, PackedBatch batch) => ChosenFirst(tokens, batch.CompletionWidth);

    /// <inheritdoc cref="ChosenFirst(double[], PackedBatch)"/>
    public static T[] ChosenFirst<T>(T[] pairs, int width)
    {
        var completions = pairs.Chunk(width).ToArray();
        return [.. completions.Where((_, i) => i % 2 == 0).Concat(completions.Where((_, i) => i % 2 == 1)).SelectMany(c => c)];
    }

    /// <summary>The weights of a model folder.</summary>
    public static Dictionary<string, Tensor> Weights(string path, DataType type)
    {
        using var folder = ModelFolder.Open(path);
        using var weights = new WeightStore(folder);
        return weights.Tensors.ToDictionary(
            t => t.Name, t => Tensor.Of(type, t.Shape, t.AsSpan().ToArray().Select(v => (double)v)), StringComparer.Ordinal);
    }

    static Tensor TensorOf(DecoderModel model, ModelTable table) =>
        Tensor.Of(model.Type, table.Shape.Evaluate(new Dictionary<string, long>()), table.Values);
}
