using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>
/// The model that turns accumulated gradients into an update, whichever parameters train: sequences of tensors, changed in place. The
/// inputs and their order are what ONNX Runtime asks for.
/// </summary>
public static class OptimizerModel
{
    const string Params = "params", Gradients = "gradients", First = "first_order_moments", Second = "second_order_moments";

    /// <summary>The graph, as a message: sequences are no values of <see cref="GraphBuilder"/>.</summary>
    public static GraphProto Of(ArtifactOptimizer optimizer)
    {
        var graph = new GraphProto { Name = "optimizer" };
        graph.Input.Add(Tensor("learning_rate", DataType.Float32, 1));
        graph.Input.Add(Tensor("step", DataType.Int64, 1));
        string[] sequences = optimizer.Name == OptimizerKind.AdamW ? [Params, Gradients, First, Second] : [Params, Gradients, First];
        graph.Input.AddRange(sequences.Select(Sequence));
        var gradients = optimizer.MaxGradNorm > 0 ? Clipped(graph, optimizer.MaxGradNorm) : Gradients;
        graph.Node.Add(optimizer.Name == OptimizerKind.AdamW ? AdamW(optimizer, gradients) : Sgd(gradients));
        // ONNX Runtime infers a scalar for SGD, and for AdamW nothing, and refuses a model that says otherwise.
        long[] shape = optimizer.Name == OptimizerKind.AdamW ? [1] : [];
        graph.Output.Add(Tensor(graph.Node[^1].Output[0], DataType.Bool, shape));
        return graph;
    }

    // g · min(max / (norm + 1e-6), 1), the norm of all gradients together: as PyTorch's clip_grad_norm_.
    static string Clipped(GraphProto graph, double maxNorm)
    {
        var node = Node("InplaceClipGradNorm", [Gradients], "clipped_gradients");
        node.Attribute.Add(Real("max_norm", maxNorm));
        node.Attribute.Add(new AttributeProto
        {
            Name = "norm_type", Type = AttributeProto.Types.AttributeType.String, S = Google.Protobuf.ByteString.CopyFromUtf8("fro"),
        });
        graph.Node.Add(node);
        return node.Output[0];
    }

    static NodeProto AdamW(ArtifactOptimizer optimizer, string gradients)
    {
        var node = Node("AdamWOptimizer", ["learning_rate", "step", Params, gradients, First, Second], "updated");
        node.Attribute.Add(Real("alpha", optimizer.Beta1!.Value));
        node.Attribute.Add(Real("beta", optimizer.Beta2!.Value));
        node.Attribute.Add(Real("epsilon", optimizer.Epsilon!.Value));
        node.Attribute.Add(Real("weight_decay", optimizer.WeightDecay!.Value));
        node.Attribute.Add(Whole("correct_bias", 1));
        // PyTorch's order: the decay first, epsilon beside the corrected root.
        node.Attribute.Add(Whole("adam_mode", 0));
        return node;
    }

    static NodeProto Sgd(string gradients) => Node("SGDOptimizerV2", ["learning_rate", Params, gradients], "updated");

    static NodeProto Node(string op, string[] inputs, string output) =>
        new() { Name = op, OpType = op, Domain = Op.Microsoft, Input = { inputs }, Output = { output } };

    static AttributeProto Real(string name, double value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = (float)value };

    static AttributeProto Whole(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    static ValueInfoProto Tensor(string name, DataType type, params long[] sizes)
    {
        var shape = new TensorShapeProto { Dim = { sizes.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }) } };
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = shape } } };
    }

    // Of tensors of any shape.
    static ValueInfoProto Sequence(string name) => new()
    {
        Name = name,
        Type = new()
        {
            SequenceType = new() { ElemType = new() { TensorType = new() { ElemType = (int)DataType.Float32 } } },
        },
    };
}
