using OrtDpo.Artifacts.Graphs;
using OrtDpo.Autodiff.Building;
using OrtDpo.Models.Decoders;
using OrtDpo.Objectives;

namespace OrtDpo.Artifacts.Tests.Graphs;

/// <summary>Models that ONNX Runtime 1.19.2 would train wrongly or not at all.</summary>
public sealed class RefusedModelsTests
{
    [Fact]
    public void A_gradient_that_several_threads_would_get_wrong_is_refused()
    {
        // The gradient of GatherND adds at coordinates that may repeat.
        var model = new OddModel((b, ids, table) => b.Add("GatherND", [table, b.Unsqueeze(ids, 2)]));
        Assert.Matches(
            "^The gradient of the odd model needs '.*' \\(ScatterND\\), which adds at indices that may repeat, and ONNX Runtime 1\\.19\\.2 "
            + "loses numbers there\\. Train it with the step engine\\.$",
            Refusal(model));
    }

    [Fact]
    public void A_parameter_that_nothing_depends_on_is_refused() => Assert.Equal(
        "Parameter 'spare' of the odd model changes no log-probability, so it has no gradient to train by.",
        Refusal(new OddModel((b, ids, table) => b.Gather(table, ids), new ModelParameter("spare", [3]))));

    [Fact]
    public void What_no_batch_has_is_refused() => Assert.Equal(
        "The odd model reads weather, which no batch has. Batches have input_ids, position_ids, segment_ids, attention_mask, "
        + "completion_index, completion_ids, completion_mask.",
        Refusal(new OddModel((b, ids, table) => b.Add(
            b.Gather(table, ids), b.Input("weather", DataType.Float32, new Shape(OddModel.Width))))));

    static string Refusal(DecoderModel model) => Assert.Throws<NotSupportedException>(
        () => TrainingGraphs.Of(model, Objective.Parse("sigmoid"), maxLength: 16)).Message;
}
