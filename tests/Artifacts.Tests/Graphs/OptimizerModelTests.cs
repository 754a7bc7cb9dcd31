using OrtDpo.Artifacts.Graphs;
using OrtDpo.Autodiff.Onnx;

namespace OrtDpo.Artifacts.Tests.Graphs;

/// <summary>The optimizer's models have the inputs that ONNX Runtime 1.19.2 compares by name and order, and one optimizer each.</summary>
public sealed class OptimizerModelTests
{
    [Fact]
    public void AdamW_is_PyTorchs_with_the_numbers_asked_for()
    {
        var model = Written(new ArtifactOptimizer { Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, WeightDecay = 0.01, MaxGradNorm = 0 });
        Assert.Equal(
            ["learning_rate", "step", "params", "gradients", "first_order_moments", "second_order_moments"], model.Inputs);
        Assert.Equal("Float32 [1]", model.TypeOf("learning_rate"));
        Assert.Equal("Int64 [1]", model.TypeOf("step"));
        Assert.All(model.Inputs[2..], name => Assert.Equal("sequence of Float32", model.TypeOf(name)));
        var node = Assert.Single(model.Proto.Graph.Node);
        Assert.Equal(("com.microsoft", "AdamWOptimizer"), (node.Domain, node.OpType));
        Assert.Equal(model.Inputs, node.Input);
        Assert.Equal([.. node.Output], model.Outputs);
        Assert.Equal((0.8f, 0.95f), (Real(node, "alpha"), Real(node, "beta")));
        Assert.Equal((1e-6f, 0.01f), (Real(node, "epsilon"), Real(node, "weight_decay")));
        // 0: the decay first, and epsilon beside the corrected root.
        Assert.Equal((0L, 1L), (Whole(node, "adam_mode"), Whole(node, "correct_bias")));
    }

    [Fact]
    public void Sgd_has_one_sequence_of_moments_which_the_runtime_feeds_all_the_same()
    {
        var model = Written(ArtifactOptimizer.Sgd(maxGradNorm: 0));
        Assert.Equal(["learning_rate", "step", "params", "gradients", "first_order_moments"], model.Inputs);
        var node = Assert.Single(model.Proto.Graph.Node);
        Assert.Equal(("com.microsoft", "SGDOptimizerV2"), (node.Domain, node.OpType));
        Assert.Equal(["learning_rate", "params", "gradients"], node.Input);
        // What its schema infers; another rank is refused when the model is loaded.
        Assert.Equal("Bool []", model.TypeOf(model.Outputs[0]));
    }

    [Theory]
    [InlineData(OptimizerKind.AdamW)]
    [InlineData(OptimizerKind.Sgd)]
    public void Gradients_are_clipped_before_the_optimizer_reads_them(OptimizerKind kind)
    {
        var model = Written(kind == OptimizerKind.Sgd
            ? ArtifactOptimizer.Sgd(maxGradNorm: 0.5)
            : new ArtifactOptimizer { MaxGradNorm = 0.5 });
        Assert.Equal(2, model.Proto.Graph.Node.Count);
        var (clip, optimizer) = (model.Proto.Graph.Node[0], model.Proto.Graph.Node[1]);
        Assert.Equal(("com.microsoft", "InplaceClipGradNorm"), (clip.Domain, clip.OpType));
        Assert.Equal(["gradients"], clip.Input);
        Assert.Equal(0.5f, Real(clip, "max_norm"));
        Assert.Contains(clip.Output[0], optimizer.Input);
        Assert.DoesNotContain("gradients", optimizer.Input);
    }

    static WrittenModel Written(ArtifactOptimizer optimizer) => new(OnnxModelWriter.ToBytes(OptimizerModel.Of(optimizer)));

    static float Real(NodeProto node, string name) => node.Attribute.Single(a => a.Name == name).F;

    static long Whole(NodeProto node, string name) => node.Attribute.Single(a => a.Name == name).I;
}
