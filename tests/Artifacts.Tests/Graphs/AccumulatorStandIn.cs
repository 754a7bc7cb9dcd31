using OrtDpo.Autodiff.Onnx;

namespace OrtDpo.Artifacts.Tests.Graphs;

/// <summary>
/// A training model for an inference runtime, which lacks one operator of it: <c>InPlaceAccumulatorV2</c> becomes what it is defined to
/// compute, Where(overwrite, gradient, buffer + gradient), and what it accumulates becomes an output. All else of the file stays.
/// </summary>
static class AccumulatorStandIn
{
    const string Op = "InPlaceAccumulatorV2";

    /// <summary>The output with the gradients of a parameter after the step.</summary>
    public static string Accumulated(string parameter) => $"{parameter} accumulated";

    public static byte[] Of(byte[] trainingModel)
    {
        var model = ModelProto.Parser.ParseFrom(trainingModel);
        var graph = model.Graph;
        foreach (var node in graph.Node.Where(n => n.OpType == Op).ToList())
        {
            var (buffer, gradient, overwrite) = (node.Input[0], node.Input[1], node.Input[2]);
            var (done, accumulated) = (node.Output[0], node.Output[1]);
            var sum = $"{node.Name}/sum";
            var at = graph.Node.IndexOf(node);
            graph.Node.RemoveAt(at);
            graph.Node.Insert(at, new NodeProto { OpType = "Add", Input = { buffer, gradient }, Output = { sum } });
            graph.Node.Insert(at + 1, new NodeProto
            {
                OpType = "Where", Input = { overwrite, gradient, sum }, Output = { accumulated },
            });
            graph.Node.Insert(at + 2, new NodeProto { OpType = "Not", Input = { overwrite }, Output = { done } });
            var parameter = buffer[..buffer.IndexOf("_grad.accumulation", StringComparison.Ordinal)];
            var output = graph.Input.Single(input => input.Name == buffer).Clone();
            output.Name = Accumulated(parameter);
            graph.Output.Add(output);
            graph.Node.Add(new NodeProto { OpType = "Identity", Input = { accumulated }, Output = { output.Name } });
        }

        return Google.Protobuf.MessageExtensions.ToByteArray(model);
    }
}
