using OrtDpo.Artifacts.Graphs;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Batches;
using OrtDpo.Export.Tests;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;
using OrtDpo.Objectives;
using OrtDpo.Testing.Running;

namespace OrtDpo.Artifacts.Tests.Graphs;

[Trait("Speed", "native")]
public sealed class TrainingGraphsTests
{
    const double Step = 1e-5;

    /// <summary>The families that differ most.</summary>
    public static TheoryData<string> SomeFamilies => ["gemma3", "gpt2"];

    public static TheoryData<string> OtherFamilies => [.. RandomFamily.Names.Except(Names(SomeFamilies))];

    /// <summary>Objectives of different inputs.</summary>
    public static TheoryData<string> SomeLosses => ["aot", "kto", "ld"];

    public static TheoryData<string> OtherLosses =>
        [.. Objective.Known.Select(loss => loss.Name).Append("sigmoid:0.7,sft:0.3").Except(Names(SomeLosses))];

    [Theory]
    [MemberData(nameof(SomeFamilies))]
    public void Every_gradient_of_a_family_is_the_step_engines(string family)
    {
        using var model = ArtifactCase.OfFamily(family, hasAdapter: false);
        StepEngineComparison.Holds(model, Objective.Parse("sigmoid"), rows: 3, seed: 1);
    }

    [Theory]
    [Trait("Speed", "long")]
    [MemberData(nameof(OtherFamilies))]
    public void So_it_is_of_all_families(string family) => Every_gradient_of_a_family_is_the_step_engines(family);

    [Theory]
    [InlineData("gemma2")]
    public void Every_gradient_of_an_adapter_is_the_step_engines_and_the_base_has_none(string family)
    {
        using var model = ArtifactCase.OfFamily(family, hasAdapter: true);
        StepEngineComparison.Holds(model, Objective.Parse("sigmoid"), rows: 3, seed: 2);
        var graphs = TrainingGraphs.Of(model.Folder.Model, Objective.Parse("sigmoid"), RandomFamily.Positions);
        Assert.All(
            graphs.Training.Inputs.Where(v => v.Name.EndsWith(".accumulation.buffer", StringComparison.Ordinal)),
            v => Assert.Contains(".lora_", v.Name, StringComparison.Ordinal));
    }

    [Theory]
    [Trait("Speed", "long")]
    [MemberData(nameof(SomeFamilies))]
    [MemberData(nameof(OtherFamilies))]
    public void So_it_is_of_adapters_on_all_families(string family) =>
        Every_gradient_of_an_adapter_is_the_step_engines_and_the_base_has_none(family);

    [Theory]
    [InlineData("llama-opset14", "kto")]
    public void So_it_is_of_models_of_other_tools_whose_rows_are_stacked(string name, string losses)
    {
        using var model = ArtifactCase.Of(Repository.Find("tests", "golden", "foreign-onnx", name), hasAdapter: false);
        StepEngineComparison.Holds(model, Objective.Parse(losses), rows: 3, seed: 8);
    }

    [Theory]
    [MemberData(nameof(SomeLosses))]
    public void Every_gradient_of_an_objective_is_the_step_engines(string losses)
    {
        using var model = ArtifactCase.OfFamily("llama", hasAdapter: false);
        StepEngineComparison.Holds(model, ObjectiveOf(losses), rows: 4, seed: 3);
    }

    [Theory]
    [Trait("Speed", "long")]
    [MemberData(nameof(OtherLosses))]
    public void So_it_is_of_all_objectives(string losses) => Every_gradient_of_an_objective_is_the_step_engines(losses);

    [Theory]
    [MemberData(nameof(SomeLosses))]
    public void The_gradient_of_an_objective_holds_along_a_random_direction(string losses) =>
        HoldsAlongDirections("llama", hasAdapter: false, ObjectiveOf(losses), byParameter: false);

    [Theory]
    [Trait("Speed", "long")]
    [MemberData(nameof(OtherLosses))]
    public void So_it_does_of_all_objectives(string losses) =>
        The_gradient_of_an_objective_holds_along_a_random_direction(losses);

    [Theory]
    [InlineData("gpt2")]
    public void Every_gradient_of_a_family_holds_along_a_random_direction(string family) =>
        HoldsAlongDirections(family, hasAdapter: family is "llama" or "gpt2", Objective.Parse("sigmoid"), byParameter: true);

    [Theory]
    [Trait("Speed", "long")]
    [MemberData(nameof(SomeFamilies))]
    [MemberData(nameof(OtherFamilies))]
    public void So_it_does_of_all_families(string family) => Every_gradient_of_a_family_holds_along_a_random_direction(family);

    [Theory]
    [InlineData("gpt2", "kto")]
    [InlineData("phi3", "ipo")]
    public void Eval_is_the_forward_pass_of_training(string family, string losses)
    {
        using var model = ArtifactCase.OfFamily(family, hasAdapter: false);
        var objective = Objective.Parse(losses);
        var rows = RandomRows.Of(objective, model.Folder.Model.Sizes.VocabSize, 3, seed: 4);
        var feeds = ArtifactFeeds.Of(objective, rows, model.Folder.Model.Layout, kl: 0.2);
        var graphs = TrainingGraphs.Of(model.Folder.Model, objective, RandomFamily.Positions);
        var trained = model.Step(graphs, feeds, overwrites: true, (_, weight) => weight);
        var evaluated = ArtifactCase.Run(
            OnnxModelWriter.ToBytes(graphs.Eval), new Dictionary<string, Tensor>(feeds.Concat(model.Weights())));
        Assert.Contains(LossPorts.Loss, evaluated.Keys);
        foreach (var (name, value) in evaluated)
        {
            Assert.Equal(trained[name].Data, value.Data);
        }
    }

    [Theory]
    [InlineData("gemma3")]
    [InlineData("gpt2")]
    public void Logits_are_those_whose_log_probabilities_eval_gives(string family)
    {
        using var model = ArtifactCase.OfFamily(family, hasAdapter: true);
        var objective = Objective.Parse("sft");
        var vocabulary = model.Folder.Model.Sizes.VocabSize;
        var rows = RandomRows.Of(objective, vocabulary, 3, seed: 9);
        // A sequence a row, as texts are.
        var feeds = ArtifactFeeds.Of(objective, rows, BatchLayout.Stacked, kl: 0);
        var all = new Dictionary<string, Tensor>(feeds.Concat(model.Weights()), StringComparer.Ordinal);
        var graphs = TrainingGraphs.Of(model.Folder.Model, objective, RandomFamily.Positions);
        var logps = ArtifactCase.Run(OnnxModelWriter.ToBytes(graphs.Eval), all)["token_logps"].Numbers();
        var texts = LogitsGraph.Of(model.Folder.Model, RandomFamily.Positions);
        var logits = ArtifactCase.Run(OnnxModelWriter.ToBytes(texts), all)["logits"].Numbers();
        var (places, tokens) = ((long[])feeds["completion_index"].Data, (long[])feeds["completion_ids"].Data);
        foreach (var (i, _) in feeds["completion_mask"].Numbers().Index().Where(mask => mask.Item == 1))
        {
            var row = logits.AsSpan((int)places[i] * vocabulary, vocabulary).ToArray();
            var expected = row[tokens[i]] - row.Max() - Math.Log(row.Sum(logit => Math.Exp(logit - row.Max())));
            Assert.Equal(expected, logps[i], Tolerances.GoldenToken);
        }
    }

    [Fact]
    public void Where_the_loss_is_outside_gradients_are_those_of_its_slopes_and_eval_needs_none()
    {
        using var model = ArtifactCase.OfFamily("qwen2", hasAdapter: false);
        var objective = Objective.Parse("sft");
        var rows = RandomRows.Of(objective, model.Folder.Model.Sizes.VocabSize, 3, seed: 5);
        var feeds = ArtifactFeeds.Of(objective, rows, model.Folder.Model.Layout, kl: 0);
        var inside = model.Step(
            TrainingGraphs.Of(model.Folder.Model, objective, RandomFamily.Positions), feeds, overwrites: true, (_, weight) => weight);

        // Of the mean over tokens, −1 / tokens for each.
        var mask = feeds["completion_mask"];
        var tokens = mask.Numbers().Sum();
        feeds[ArtifactPorts.Slopes] = Tensor.Of(DataType.Float32, mask.Sizes, mask.Numbers().Select(m => -m / tokens));
        var graphs = TrainingGraphs.Of(model.Folder.Model, objective: null, RandomFamily.Positions);
        var outside = model.Step(graphs, feeds, overwrites: true, (_, weight) => weight);
        foreach (var name in TrainingGraphs.Trained(model.Folder.Model).Select(AccumulatorStandIn.Accumulated))
        {
            GraphTolerance.Check(DataType.Float32, inside[name], outside[name], name);
        }

        GraphTolerance.Check(DataType.Float32, inside["loss"], outside["loss"], "loss");
        Assert.Equal(["token_logps", "logps"], graphs.Eval.Outputs.Select(v => v.Name));
        Assert.DoesNotContain(graphs.Eval.Inputs, v => v.Name == ArtifactPorts.Slopes);
    }

    static IEnumerable<string> Names(TheoryData<string> data) => data.Select(row => row.Data);

    static Objective ObjectiveOf(string losses) => losses switch
    {
        "ld" => Objective.Parse("sigmoid", new ObjectiveOptions { LdAlpha = 0.3 }),
        "cdpo" or "robust" or "exo_pair" => Objective.Parse(losses, new ObjectiveOptions { LabelSmoothing = 0.1 }),
        "alphapo" => Objective.Parse(losses, new ObjectiveOptions { AlphapoAlpha = 0.2 }),
        _ => Objective.Parse(losses),
    };

    static void HoldsAlongDirections(string family, bool hasAdapter, Objective objective, bool byParameter)
    {
        using var files = ArtifactCase.OfFamily(family, hasAdapter);
        var model = Exact(files.Folder.Path, files.Folder.Model);
        var (b, outputs, gradients) = TrainingGraphs.Differentiate(model, objective, RandomFamily.Positions);
        var both = b.Build([.. outputs, .. gradients.Select(g => (Gradient(g.Key), g.Value))], pruneInputs: true)
            .Lower(LoweringKind.Primitive);
        var rows = RandomRows.Of(objective, model.Sizes.VocabSize, 3, seed: 6);
        var weights = files.Weights(DataType.Float64);
        var feeds = new Dictionary<string, Tensor>(
            ArtifactFeeds.Of(objective, rows, model.Layout, kl: 0.2, DataType.Float64).Concat(weights), StringComparer.Ordinal);
        using var session = GraphRunner.Open(both);
        var names = session.InputNames.ToArray();
        var analytic = GraphRunner.Run(session, names, feeds);
        var random = new Random(7);
        var directions = gradients.Keys.ToDictionary(
            name => name,
            name => Tensor.Of(DataType.Float64, weights[name].Sizes, weights[name].Numbers().Select(_ => random.NextDouble() - 0.5)));
        foreach (var moved in byParameter ? directions.Keys.Select(name => (string[])[name]) : [[.. directions.Keys]])
        {
            // Off by h⁴: random layers bend so much that h² would be seen.
            var numeric = ((8 * (Along(moved, Step) - Along(moved, -Step))) - (Along(moved, 2 * Step) - Along(moved, -2 * Step)))
                / (12 * Step);
            var expected = moved.Sum(name => analytic[Gradient(name)].Dot(directions[name]));
            GraphTolerance.Check(DataType.Float64, numeric, expected, string.Join(' ', moved));
        }

        double Along(string[] moved, double h)
        {
            var at = new Dictionary<string, Tensor>(feeds, StringComparer.Ordinal);
            foreach (var name in moved)
            {
                at[name] = weights[name].Moved(h, directions[name]);
            }

            return GraphRunner.Run(session, names, at)["loss"].Numbers()[0];
        }
    }

    static string Gradient(string name) => $"gradient of {name}";

    static DecoderModel Exact(string path, DecoderModel model)
    {
        var whole = ModelFamilies.Read(path, DataType.Float64).For(RandomFamily.Positions);
        return model is AdaptedModel adapted ? new AdaptedModel(whole, adapted.Terms, adapted.Saved) : whole;
    }
}
