using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Testing.Running;

namespace OrtDpo.Export.Tests;

/// <summary>The layers that train, in one graph without a cache: logits of a whole sequence at once.</summary>
sealed class TrainingForward : IDisposable
{
    readonly Dictionary<string, Tensor> feeds = new(StringComparer.Ordinal);
    readonly InferenceSession session;

    public TrainingForward(DecoderModel model, string path)
    {
        var composition = new Composition("training");
        composition.Append(model.EmbedStacked(), "embed");
        foreach (var (i, layer) in model.Layers().Index())
        {
            composition.Append(layer, $"layers.{i}");
        }

        composition.Append(model.Logits(), "head");
        var graph = composition.Builder.Build([("logits", composition["logits"])], pruneInputs: true).Lower(LoweringKind.Fused);
        session = GraphRunner.Open(graph);
        using var folder = ModelFolder.Open(path);
        using var weights = new WeightStore(folder);
        foreach (var weight in weights.Tensors)
        {
            feeds[weight.Name] = new Tensor(DataType.Float32, weight.Shape, weight.AsSpan().ToArray());
        }

        foreach (var table in model.Tables())
        {
            feeds[table.Name] = Tensor.Of(DataType.Float32, table.Shape.Evaluate(new Dictionary<string, long>()), table.Values);
        }
    }

    /// <summary>Logits after each token of one row, <c>[S, V]</c>.</summary>
    public float[] Logits(long[] ids)
    {
        long[] shape = [1, ids.Length];
        feeds["input_ids"] = new(DataType.Int64, shape, ids);
        feeds["attention_mask"] = new(DataType.Int64, shape, ids.Select(_ => 1L).ToArray());
        feeds["position_ids"] = new(DataType.Int64, shape, ids.Select((_, i) => (long)i).ToArray());
        return (float[])GraphRunner.Run(session, [.. session.InputNames], feeds)["logits"].Data;
    }

    public void Dispose() => session.Dispose();
}
