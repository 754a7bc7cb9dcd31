using OrtDpo.Artifacts.Graphs;
using OrtDpo.Export.Tests;
using OrtDpo.Objectives;

namespace OrtDpo.Artifacts.Tests.Graphs;

/// <summary>
/// What the training runtime of ONNX Runtime 1.19.2 asks of the models: what it takes inputs and outputs for goes by their names, and what
/// it does not find ends in an error or in wrong numbers.
/// </summary>
public sealed class RuntimeContractTests
{
    const string Buffer = "_grad.accumulation.buffer", Done = "_grad.accumulation.out", Reset = "lazy_reset_grad";

    static readonly Dictionary<string, string> TypesOfPairs = new(StringComparer.Ordinal)
    {
        ["input_ids"] = "Int64 [B, S]", ["position_ids"] = "Int64 [B, S]", ["segment_ids"] = "Int64 [B, S]",
        ["completion_index"] = "Int64 [2*P, T]", ["completion_ids"] = "Int64 [2*P, T]", ["completion_mask"] = "Float32 [2*P, T]",
        ["ref_chosen_logps"] = "Float32 [P]", ["ref_rejected_logps"] = "Float32 [P]", ["lengths"] = "Float32 [2*P]",
        ["loss"] = "Float32 []", ["token_logps"] = "Float32 [2*P, T]", ["logps"] = "Float32 [2*P]",
        ["chosen_reward"] = "Float32 [P]", ["rejected_reward"] = "Float32 [P]", ["grad_norm"] = "Float32 []",
    };

    public static TheoryData<string, bool, string> Cases =>
    [
        .. RandomFamily.Names.Select(family => (family, family is "gpt2" or "qwen3", "sigmoid")),
        ("llama", true, "aot"), ("llama", false, "simpo"), ("llama", false, "kto"), ("llama", false, "sft"), ("gpt2", false, "orpo"),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_models_are_what_the_runtime_asks_for(string family, bool hasAdapter, string losses)
    {
        using var model = ArtifactCase.OfFamily(family, hasAdapter);
        var graphs = TrainingGraphs.Of(model.Folder.Model, Objective.Parse(losses), RandomFamily.Positions);
        var (training, eval) = (WrittenModel.Of(graphs.Training), WrittenModel.Of(graphs.Eval));
        string[] parameters = [.. model.Folder.Model.Parameters.Select(p => p.Name)];
        string[] trained = [.. parameters.Where(model.Folder.Model.Trains)];
        Assert.Equal(hasAdapter, trained.Length < parameters.Length);

        // Versions that its parser reads.
        foreach (var proto in new[] { training.Proto, eval.Proto })
        {
            Assert.Equal(10, proto.IrVersion);
            Assert.Equal([("", 21L), ("com.microsoft", 1L)], proto.OpsetImport.Select(o => (o.Domain, o.Version)));
            Assert.All(proto.Graph.Node, node => Assert.Contains(node.Domain, (string[])["", "com.microsoft"]));
            // It reads parameters from inputs, and would keep an initializer of the name as it is.
            Assert.Empty(proto.Graph.Initializer.Select(i => i.Name).Intersect(parameters));
            // Several threads would lose numbers where indices repeat.
            Assert.DoesNotContain(proto.Graph.Node, n => n.OpType == "ScatterND" && n.Attribute.Any(a => a.Name == "reduction"));
        }

        // Inputs: the user's, all parameters in one order, a buffer for each that trains and no other, and the flag.
        string[] users = [.. training.Inputs.TakeWhile(name => !parameters.Contains(name))];
        Assert.Equal([.. users, .. parameters, .. trained.Select(name => name + Buffer), Reset], training.Inputs);
        Assert.Equal([.. users, .. parameters], eval.Inputs);
        Assert.Equal("Bool [1]", training.TypeOf(Reset));
        foreach (var parameter in model.Folder.Model.Parameters)
        {
            var type = $"Float32 [{string.Join(", ", parameter.Shape)}]";
            Assert.Equal(type, training.TypeOf(parameter.Name));
            Assert.Equal(type, eval.TypeOf(parameter.Name));
            if (trained.Contains(parameter.Name))
            {
                Assert.Equal(type, training.TypeOf(parameter.Name + Buffer));
            }
        }

        // Outputs: the user's, the loss first, and that each gradient was accumulated, by one node which is then not pruned.
        string[] results = [.. training.Outputs.TakeWhile(name => !name.EndsWith(Done, StringComparison.Ordinal))];
        Assert.Equal([.. results, .. trained.Select(name => name + Done)], training.Outputs);
        Assert.Equal("loss", results[0]);
        Assert.Equal("grad_norm", results[^1]);
        Assert.Equal(results[..^1], eval.Outputs);
        Assert.All(trained, name => Assert.Equal("Bool [1]", training.TypeOf(name + Done)));
        var accumulators = training.Proto.Graph.Node.Where(n => n.OpType == "InPlaceAccumulatorV2").ToList();
        Assert.Equal(trained.Select(name => name + Buffer), accumulators.Select(n => n.Input[0]));
        Assert.Equal(trained.Select(name => name + Done), accumulators.Select(n => n.Output[0]));
        Assert.All(accumulators, n => Assert.Equal(Reset, n.Input[2]));

        // A user's name that ended as gradients do would be taken for one.
        Assert.All(users.Concat(results), name => Assert.False(ArtifactPorts.IsOfGradient(name), name));
        if (Objective.Parse(losses).Rows == ObjectiveRows.Pairs)
        {
            Assert.All(
                users.Concat(results).Where(TypesOfPairs.ContainsKey), name => Assert.Equal(TypesOfPairs[name], training.TypeOf(name)));
        }
    }

    [Fact]
    public void Inputs_stand_in_the_order_of_the_batch_and_then_of_the_objective()
    {
        using var model = ArtifactCase.OfFamily("llama", hasAdapter: false);
        string[] batch = ["input_ids", "position_ids", "segment_ids", "completion_index", "completion_ids", "completion_mask"];
        string[] references = ["ref_chosen_logps", "ref_rejected_logps"];
        var numbers = new ObjectiveOptions { LdAlpha = 0.5, LabelSmoothing = 0.1 };
        Assert.Equal(
            [.. batch, .. references, "lengths", "beta", "label_smoothing", "ld_alpha", "loss_scale"],
            Users(Objective.Parse("sigmoid,cdpo", numbers)));
        Assert.Equal(
            [.. batch, .. references, "beta", "loss_scale", "token_scale"], Users(Objective.Parse("sigmoid,sft:0.5")));
        Assert.Equal(
            [.. batch, "ref_logps", "labels", "kl", "beta", "desirable_weight", "undesirable_weight", "loss_scale"],
            Users(Objective.Parse("kto")));
        Assert.Equal([.. batch, "slopes"], Users(objective: null));

        IEnumerable<string> Users(Objective? objective) =>
            WrittenModel.Of(TrainingGraphs.Of(model.Folder.Model, objective, RandomFamily.Positions).Training).Inputs
                .TakeWhile(name => name != "model.embed_tokens.weight");
    }

    [Fact]
    public void Tables_have_no_more_lines_than_a_sequence_has_tokens()
    {
        using var model = ArtifactCase.OfFamily("llama", hasAdapter: false);
        var graphs = TrainingGraphs.Of(model.Folder.Model, Objective.Parse("sigmoid"), maxLength: 12);
        foreach (var graph in (WrittenModel[])[WrittenModel.Of(graphs.Training), WrittenModel.Of(graphs.Eval)])
        {
            // 12 positions of 16 features.
            var tables = graph.Proto.Graph.Initializer.Where(i => i.Dims.Count == 2).ToList();
            Assert.Equal(2, tables.Count);
            Assert.All(tables, table => Assert.Equal([12L, 8L], table.Dims));
        }
    }

    [Fact]
    public void The_model_of_texts_has_the_parameters_in_the_same_order()
    {
        using var model = ArtifactCase.OfFamily("gemma3", hasAdapter: true);
        var logits = WrittenModel.Of(LogitsGraph.Of(model.Folder.Model, RandomFamily.Positions));
        Assert.Equal(
            ["input_ids", "position_ids", "attention_mask", .. model.Folder.Model.Parameters.Select(p => p.Name)], logits.Inputs);
        Assert.Equal(["logits"], logits.Outputs);
        Assert.Equal($"Float32 [B, S, {model.Folder.Model.Sizes.VocabSize}]", logits.TypeOf("logits"));
    }
}
