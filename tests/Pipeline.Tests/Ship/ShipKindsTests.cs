using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Export;
using OrtDpo.Runtime.Generation;
using OrtDpo.Safetensors;

namespace OrtDpo.Pipeline.Tests.Ship;

/// <summary>Which checks apply to which kind of run: what does not apply says so, and is not passed in silence.</summary>
public sealed class ShipKindsTests(ShippedPipeline made) : IClassFixture<ShippedPipeline>, IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // The exported graphs of policy and reference, and sums that are written out: nothing in common with what the gate runs.
    [Fact]
    public void The_divergence_is_that_of_the_exported_graphs_over_the_whole_vocabulary()
    {
        var rows = ReferenceCache.Open(made.Cache).RowsOf(Split.Eval);
        OnnxExport.Run(
            made.Model, folder.File("reference"), [.. rows.Select(row => row.Tokens)], threads: 1, WeightType.F32, TinyModel.Positions);
        using var policy = new OnnxLogits(Path.Combine(made.Export, "model.onnx"));
        using var reference = new OnnxLogits(folder.File("reference/model.onnx"));
        var (sum, tokens) = (0.0, 0);
        foreach (var (prompt, completions, _) in rows.Select(row => row.Tokens))
        {
            long[] ids = [.. prompt.Concat(completions[0]).Select(id => (long)id)];
            var (own, other) = (policy.All(ids), reference.All(ids));
            for (var place = prompt.Length - 1; place < ids.Length - 1; place++)
            {
                var (p, q) = (Probabilities(own, place), Probabilities(other, place));
                sum += p.Zip(q).Sum(both => both.First * Math.Log(both.First / both.Second));
                tokens++;
            }
        }

        var found = Shipped.Of(made.Run, "--export", made.Export, "--thresholds", made.Thresholds).Check("kl");
        AssertClose(sum / tokens, (double)found["value"]!, Tolerances.Float32Graph);
        Assert.Contains($" {tokens} tokens of {rows.Count} completions", (string)found["found"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Adapters_ship_merged_and_beside_their_base()
    {
        TinyPipeline.Succeed([.. made.TrainArguments, "--lora-rank", "4", "--out", folder.File("run")]);
        foreach (var form in (string[])["merged", "--adapters"])
        {
            var export = folder.File(form.TrimStart('-'));
            TinyPipeline.Succeed(["export", "--run", folder.File("run"), "--out", export, .. form == "merged" ? [] : (string[])[form]]);
            var shipped = Shipped.Of(folder.File("run"), "--export", export, "--thresholds", made.Thresholds);
            Assert.Equal((0, ""), (shipped.ExitCode, shipped.Error));
            Assert.Equal(["data", "chat_template"], shipped.That("not_applicable"));
        }

        // Of its base alone, and of another run, there is no adapter.
        var shippedOther = Shipped.Of(made.Run, "--export", folder.File("adapters"), "--thresholds", made.Thresholds);
        Assert.Equal(3, shippedOther.ExitCode);
        Assert.Equal(["export", "parity"], shippedOther.That("blocked"));

        // The base in 4 bits.
        TinyPipeline.Succeed(
            "precompute", "--model", made.Model, "--base", "nf4", "--data", made.Data, "--eval-fraction", "0.25", "--out",
            folder.File("nf4"));
        TinyPipeline.Succeed(
            "train", "--model", made.Model, "--base", "nf4", "--ref", folder.File("nf4"), "--max-steps", "4", "--learning-rate", "1e-2",
            "--lora-rank", "4", "--out", folder.File("nf4-run"));
        Ships("nf4-run");
    }

    [Theory]
    [InlineData("float16")]
    [InlineData("bfloat16")]
    [InlineData("int8")]
    [InlineData("int4")]
    public void Narrower_weights_ship_within_limits_of_their_own(string dtype)
    {
        TinyPipeline.Succeed("export", "--run", made.Run, "--dtype", dtype, "--out", folder.File("export"));
        var shipped = Shipped.Of(made.Run, "--export", folder.File("export"), "--thresholds", made.Thresholds);
        Assert.Equal((0, ""), (shipped.ExitCode, shipped.Error));
        Assert.EndsWith($"({dtype})", (string)shipped.Check("parity")["threshold"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_that_computes_in_16_bits_is_judged_where_it_can_run()
    {
        TinyPipeline.Succeed("export", "--run", made.Run, "--compute", "float16", "--out", folder.File("half"));
        var half = Shipped.Of(made.Run, "--export", folder.File("half"), "--thresholds", made.Thresholds);
        Assert.Equal((0, ""), (half.ExitCode, half.Error));
        Assert.EndsWith("(float16, computed in float16)", (string)half.Check("parity")["threshold"]!, StringComparison.Ordinal);

        // A processor has no kernels for bfloat16: it is not known to be right, and nothing is left behind.
        TinyPipeline.Succeed("export", "--run", made.Run, "--compute", "bfloat16", "--out", folder.File("brain"));
        var files = RunFiles.Digests(folder.File("brain"));
        var brain = Shipped.Of(made.Run, "--export", folder.File("brain"), "--thresholds", made.Thresholds);
        Assert.Equal((1, "parity"), (brain.ExitCode, string.Join(' ', brain.That("not_judged"))));
        Assert.Contains("computes in bfloat16, and ONNX Runtime has no processor kernels for that", brain.Error, StringComparison.Ordinal);
        Assert.Equal(files, RunFiles.Digests(folder.File("brain")));
    }

    [Fact]
    public void Without_a_reference_the_policy_is_compared_with_the_model_that_it_started_from()
    {
        TinyPipeline.Succeed(
            "train", "--model", made.Model, "--data", made.Data, "--eval-fraction", "0.25", "--loss", "simpo", "--beta", "2", "--max-steps",
            "4", "--learning-rate", "1e-2", "--out", folder.File("run"));
        Assert.Equal(["cache", "data", "chat_template"], Ships("run").That("not_applicable"));
    }

    [Fact]
    public void Supervised_runs_have_perplexity_and_no_rewards()
    {
        var data = folder.Write(
            "rows.jsonl", Rows(pair => [new { prompt = (string)pair["prompt"]!, completion = (string)pair["chosen"]! }]));
        TinyPipeline.Succeed(
            "sft", "--model", made.Model, "--data", data, "--eval-fraction", "0.25", "--max-steps", "4", "--learning-rate", "1e-3", "--out",
            folder.File("run"));
        var shipped = Ships("run");
        Assert.Equal(["cache", "data", "chat_template", "accuracy", "margin", "chosen_fall", "kl"], shipped.That("not_applicable"));
        Assert.InRange((double)shipped.Check("perplexity")["value"]!, 0.01, 1);
    }

    [Fact]
    public void Unpaired_feedback_has_a_margin_between_labels_and_no_accuracy()
    {
        var data = folder.Write("rows.jsonl", Rows(pair =>
        [
            new { prompt = (string)pair["prompt"]!, completion = (string)pair["chosen"]!, label = true },
            new { prompt = (string)pair["prompt"]!, completion = (string)pair["rejected"]!, label = false },
        ]));
        TinyPipeline.Succeed("precompute", "--model", made.Model, "--data", data, "--eval-fraction", "0.25", "--out", folder.File("ref"));
        TinyPipeline.Succeed(
            "train", "--model", made.Model, "--ref", folder.File("ref"), "--loss", "kto", "--max-steps", "4", "--learning-rate", "1e-2",
            "--out", folder.File("run"));
        var shipped = Ships("run");
        Assert.Equal(["data", "chat_template", "accuracy"], shipped.That("not_applicable"));
        var evaluated = JsonNode.Parse(TinyPipeline.Succeed("eval", "--run", folder.File("run"), "--json"))!;
        AssertClose(
            (double)evaluated["eval_rewards/margins"]!, (double)shipped.Check("margin")["value"]!, relative: Tolerances.Float32Graph);
    }

    [Fact]
    public void A_policy_that_came_as_an_ONNX_model_ships()
    {
        TinyPipeline.Succeed(
            "precompute", "--model", made.Export, "--data", made.Data, "--eval-fraction", "0.25", "--out", folder.File("ref"));
        TinyPipeline.Succeed(
            "train", "--model", made.Export, "--ref", folder.File("ref"), "--max-steps", "4", "--learning-rate", "1e-3", "--out",
            folder.File("run"));
        Ships("run");
    }

    // One that starts from another model does not say where its reference lies.
    [Fact]
    public void A_reference_that_the_run_does_not_name_is_asked_for()
    {
        var policy = Path.Combine(made.Run, "checkpoints", "step-4");
        TinyPipeline.Succeed(
            "train", "--model", policy, "--ref", made.Cache, "--max-steps", "4", "--learning-rate", "1e-3", "--out", folder.File("run"));
        TinyPipeline.Succeed("export", "--run", folder.File("run"), "--out", folder.File("export"));
        string[] asked = [folder.File("run"), "--export", folder.File("export"), "--thresholds", made.Thresholds];
        var shipped = Shipped.Of(asked);
        Assert.Equal(1, shipped.ExitCode);
        Assert.Equal(["reference", "kl"], shipped.That("not_judged"));
        Assert.Contains("does not say where that lies. Give it as --reference.", shipped.Error, StringComparison.Ordinal);
        Assert.Equal(0, Shipped.Of([.. asked, "--reference", made.Model]).ExitCode);
    }

    [Fact]
    public void Rows_of_messages_hold_the_export_to_their_chat_template()
    {
        const string Template =
            "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";
        var model = ShippedPipeline.Copy(made.Model, folder.File("model"));
        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), Template);
        var data = folder.Write("rows.jsonl", Rows(pair =>
        [
            new
            {
                prompt = Message("user", pair["prompt"]!), chosen = Message("assistant", pair["chosen"]!),
                rejected = Message("assistant", pair["rejected"]!),
            },
        ]));
        TinyPipeline.Succeed("precompute", "--model", model, "--data", data, "--eval-fraction", "0.25", "--out", folder.File("ref"));
        TinyPipeline.Succeed(
            "train", "--model", model, "--ref", folder.File("ref"), "--max-steps", "4", "--learning-rate", "1e-2", "--out",
            folder.File("run"));
        Assert.Equal(["data"], Ships("run").That("not_applicable"));
        File.WriteAllText(folder.File("run-export/chat_template.jinja"), Template.Replace("assistant", "model", StringComparison.Ordinal));
        var shipped = Shipped.Of(folder.File("run"), "--export", folder.File("run-export"), "--thresholds", made.Thresholds);
        Assert.Equal(["export_files", "chat_template"], shipped.That("blocked"));

        static object[] Message(string role, JsonNode content) => [new { role, content = ((string)content!).Trim() }];
    }

    Shipped Ships(string run)
    {
        var export = folder.File($"{run}-export");
        TinyPipeline.Succeed("export", "--run", folder.File(run), "--out", export);
        var shipped = Shipped.Of(folder.File(run), "--export", export, "--thresholds", made.Thresholds);
        Assert.Equal((0, ""), (shipped.ExitCode, shipped.Error));
        return shipped;
    }

    string Rows(Func<JsonNode, object[]> rows) => string.Concat(
        File.ReadLines(made.Data).SelectMany(line => rows(JsonNode.Parse(line)!)).Select(row => JsonSerializer.Serialize(row) + "\n"));

    static double[] Probabilities(float[] logits, int place)
    {
        var row = logits.AsSpan(place * TinyModel.Vocabulary, TinyModel.Vocabulary).ToArray();
        var all = row.Sum(x => Math.Exp((double)x));
        return [.. row.Select(x => Math.Exp((double)x) / all)];
    }
}
