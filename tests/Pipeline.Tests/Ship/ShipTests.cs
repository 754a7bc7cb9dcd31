using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests.Ship;

/// <summary>The release gate as a pipeline runs it: what ships, and that each fault is found by the check that is meant for it.</summary>
public sealed class ShipTests(ShippedPipeline made) : IClassFixture<ShippedPipeline>, IDisposable
{
    static readonly string[] All =
    [
        "run", "cache", "data", "reference", "export", "export_files", "tokenizer", "chat_template", "prompts", "accuracy", "margin",
        "chosen_fall", "perplexity", "kl", "parity",
    ];

    // What cannot be measured on a cache that is not the run's.
    static readonly string[] Measured = ["reference", "prompts", "accuracy", "margin", "chosen_fall", "perplexity", "kl", "parity"];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_good_run_ships_with_a_table_and_nothing_else()
    {
        var run = OrtDpoProgram.Run("ship", made.Run, "--export", made.Export, "--thresholds", made.Thresholds, "--data", made.Data);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var lines = run.Output.Split('\n');
        Assert.Equal($"run: {made.Run}, step 4, loss sigmoid", lines[0]);
        Assert.Equal((string[])[$"export: {made.Export}", "device: cpu", ""], lines[1..4]);
        Assert.Matches("^check +verdict +found +asked for$", lines[4]);
        Assert.Equal(All, lines[5..(5 + All.Length)].Select(line => line.Split(' ')[0]));
        Assert.Equal("it ships", lines[^2]);
        // Columns are aligned: what is asked for begins at the same place in every row.
        var column = lines[4].IndexOf("asked for", StringComparison.Ordinal);
        Assert.All(lines[5..(5 + All.Length)], line => Assert.True(line.Length <= column || line[column - 1] == ' '));
    }

    [Fact]
    public void The_object_has_the_numbers_of_evaluation_and_the_report_is_the_same_text()
    {
        var report = folder.File("ship.json");
        var shipped = Ship("--report", report);
        Assert.Equal((0, "", "ships"), (shipped.ExitCode, shipped.Error, (string)shipped.Report["outcome"]!));
        Assert.Equal(["run", "step", "loss", "export", "device", "outcome", "checks"], shipped.Report.Select(member => member.Key));
        Assert.True(JsonNode.DeepEquals(shipped.Report, JsonNode.Parse(File.ReadAllText(report))));

        var evaluated = JsonNode.Parse(TinyPipeline.Succeed("eval", "--run", made.Run, "--json"))!;
        Assert.Equal(Number(evaluated, "eval_rewards/accuracies"), Number(shipped.Check("accuracy"), "value"));
        Assert.Equal(Number(evaluated, "eval_rewards/accuracies_low"), Number(shipped.Check("accuracy"), "low"));
        AssertClose(
            Number(evaluated, "eval_rewards/margins"), Number(shipped.Check("margin"), "value"), relative: Tolerances.Float32Graph);
        Assert.Equal(["data", "chat_template"], shipped.That("not_applicable"));
    }

    [Theory]
    [InlineData("prompts: 5", "prompts: 50", "prompts", "6 prompts are held out")]
    [InlineData("prompts: 5", "prompts: 5\naccuracy: 0.99", "accuracy", "The chosen reward is the higher one in ")]
    [InlineData("prompts: 5", "prompts: 5\nmargin: 1000", "margin", "The reward of chosen completions is ")]
    [InlineData("chosen_fall: 2", "chosen_fall: -20", "chosen_fall", "The log-probability of chosen completions fell by ")]
    [InlineData("perplexity: 10", "perplexity: 0.01", "perplexity", "The perplexity of chosen completions is ")]
    [InlineData("kl: 5", "kl: 0", "kl", "The policy is ")]
    public void A_number_beyond_its_threshold_blocks(string usual, string changed, string check, string reason)
    {
        var thresholds = folder.Write("ship.yaml", ShippedPipeline.Text.Replace(usual, changed, StringComparison.Ordinal));
        var shipped = Ship("--thresholds", thresholds);
        Assert.Equal((3, "blocked"), (shipped.ExitCode, (string)shipped.Report["outcome"]!));
        Assert.Equal([check], shipped.That("blocked"));
        Assert.Equal($"{check}: {(string)shipped.Check(check)["reason"]!}{Environment.NewLine}", shipped.Error);
        Assert.StartsWith(reason, (string)shipped.Check(check)["reason"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_off_is_said_to_be_and_not_looked_at()
    {
        var off = string.Concat(All.Select(name => $"{name}: off\n"));
        var shipped = Ship("--thresholds", folder.Write("ship.yaml", off));
        Assert.Equal((0, ""), (shipped.ExitCode, shipped.Error));
        Assert.Equal(All, shipped.That("off"));
    }

    [Fact]
    public void A_changed_file_of_the_run_blocks()
    {
        var run = ShippedPipeline.Copy(made.Run, folder.File("run"));
        File.AppendAllText(Path.Combine(run, "metrics.jsonl"), "\n");
        Blocked(["run"], [], run, made.Export);
    }

    [Fact]
    public void A_cache_that_is_damaged_gone_or_made_anew_of_other_rows_does_not_ship_and_its_numbers_are_not_used()
    {
        var (cache, run, export) = (folder.File("ref"), folder.File("run"), folder.File("export"));
        ShippedPipeline.Copy(made.Cache, cache);
        TinyPipeline.Succeed(
            "train", "--model", made.Model, "--ref", cache, "--max-steps", "4", "--learning-rate", "1e-2", "--out", run);
        TinyPipeline.Succeed("export", "--run", run, "--out", export);

        var part = Path.Combine(cache, "part-1of1-00000.parquet");
        var bytes = File.ReadAllBytes(part);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(part, bytes);
        Blocked(["cache"], Measured, run, export);

        Directory.Delete(cache, recursive: true);
        var gone = Shipped.Of(run, "--export", export, "--thresholds", made.Thresholds);
        Assert.Equal((1, "not_judged"), (gone.ExitCode, (string)gone.Report["outcome"]!));
        Assert.Equal(["cache", .. Measured], gone.That("not_judged"));
        Assert.Contains("cache: The reference cache ", gone.Error, StringComparison.Ordinal);
        var blocks = folder.Write("ship.yaml", ShippedPipeline.Text + "unjudged: block\n");
        Assert.Equal(3, Shipped.Of(run, "--export", export, "--thresholds", blocks).ExitCode);

        var changed = folder.Write("pairs.jsonl", TinyPairs.Lines(40, seed: 2));
        TinyPipeline.Succeed("precompute", "--model", made.Model, "--data", changed, "--eval-fraction", "0.25", "--out", cache);
        var anew = Blocked(["cache"], Measured, run, export);
        Assert.Contains("is not the cache that the run was trained on", anew.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_that_changed_since_block()
    {
        var data = folder.Write("pairs.jsonl", File.ReadAllText(made.Data).Replace("please", "thanks", StringComparison.Ordinal));
        Blocked(["data"], [], made.Run, made.Export, "--data", data);
        var other = folder.Write("others.jsonl", File.ReadAllText(made.Data));
        Blocked(["data"], [], made.Run, made.Export, "--data", other);
    }

    [Fact]
    public void Another_model_in_the_references_place_blocks_and_one_that_is_gone_cannot_be_judged()
    {
        var other = TinyModel.Write(folder.File("other"), seed: 2);
        Blocked(["reference"], ["kl"], made.Run, made.Export, "--reference", other);
        var shipped = Ship("--reference", folder.File("nowhere"));
        Assert.Equal(1, shipped.ExitCode);
        Assert.Equal(["reference", "kl"], shipped.That("not_judged"));
        Assert.Contains(" is not there. Give the folder that it lies in now as --reference.", shipped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_export_of_another_run_blocks()
    {
        var (run, export) = (folder.File("run"), folder.File("export"));
        TinyPipeline.Succeed([.. made.TrainArguments, "--seed", "9", "--out", run]);
        TinyPipeline.Succeed("export", "--run", run, "--out", export);
        var shipped = Blocked(["export", "parity"], [], made.Run, export);
        Assert.Contains("its checkpoint_digest is ", (string)shipped.Check("export")["reason"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_tokenizer_beside_the_export_blocks()
    {
        var export = ShippedPipeline.Copy(made.Export, folder.File("export"));
        File.Copy(Repository.Find("models", "demo", "tokenizer.json"), Path.Combine(export, "tokenizer.json"), overwrite: true);
        Blocked(["export_files", "tokenizer"], [], made.Run, export);
    }

    [Fact]
    public void A_weight_that_changed_in_the_export_blocks()
    {
        var export = ShippedPipeline.Copy(made.Export, folder.File("export"));
        Weights.Change(
            Path.Combine(made.Run, "checkpoints", "step-4"), "model.layers.1.mlp.down_proj.weight", Path.Combine(export, "model.onnx"));
        var shipped = Blocked(["export_files", "parity"], [], made.Run, export);
        Assert.StartsWith(
            "The exported model is not the policy: mean ", (string)shipped.Check("parity")["reason"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void An_export_that_does_not_load_blocks()
    {
        var export = ShippedPipeline.Copy(made.Export, folder.File("export"));
        File.WriteAllText(Path.Combine(export, "model.onnx"), "no model");
        var shipped = Blocked(["export_files", "parity"], ["export"], made.Run, export);
        Assert.Contains("does not load in ONNX Runtime ", (string)shipped.Check("parity")["reason"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_run_or_no_export_is_refused_without_a_table()
    {
        Refused($"The run {folder.File("no")} does not exist.", folder.File("no"), made.Export);
        Refused($"The export {folder.File("no")} does not exist.", made.Run, folder.File("no"));
        // A model folder, as Hugging Face has it.
        Refused($"{made.Model} holds no model.onnx, and what is shipped is an ONNX model as a host loads it.", made.Run, made.Model);
        Refused(
            $"--report {Path.Combine(made.Export, "ship.json")} is within {made.Export}", made.Run, made.Export, "--report",
            Path.Combine(made.Export, "ship.json"));
        Refused(
            $"{folder.Write("ship.yaml", "klx: 2")} line 1: 'klx' is no threshold; did you mean 'kl'?", made.Run, made.Export,
            "--thresholds", folder.File("ship.yaml"));

        static void Refused(string sentence, string run, string export, params string[] more)
        {
            var refused = OrtDpoProgram.Run(["ship", run, "--export", export, .. more]);
            Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
            Assert.StartsWith(sentence, refused.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ship", "RUN is missing; ortdpo ship needs it.")]
    [InlineData("ship run", "--export is missing; ortdpo ship needs it.")]
    [InlineData("ship run --write-thresholds t.yaml", "RUN has no effect with --write-thresholds.")]
    [InlineData("ship --write-thresholds t.yaml --json", "--json has no effect with --write-thresholds.")]
    [InlineData("ship run --export e --thresholds", "--thresholds has no value; it needs a value.")]
    public void A_faulty_command_line_is_exit_code_two(string arguments, string expected)
    {
        var run = OrtDpoProgram.Run(arguments.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_usual_thresholds_are_written_and_read()
    {
        var path = folder.File("ship.yaml");
        Assert.Equal($"thresholds: {path}{Environment.NewLine}", TinyPipeline.Succeed("ship", "--write-thresholds", path));
        // Six held-out prompts are too few for these.
        Assert.Contains("prompts", Shipped.Of(made.Run, "--export", made.Export, "--thresholds", path).That("blocked"));
    }

    // The gate as a process: exit codes are the program's, and stdout is an object alone.
    [Fact]
    public void The_program_ends_with_3_where_a_check_is_blocked()
    {
        var run = OrtDpoProgram.RunProcess("ship", made.Run, "--export", made.Export, "--json");
        Assert.Equal(3, run.ExitCode);
        Assert.Equal("blocked", (string)JsonNode.Parse(run.Output)!["outcome"]!);
        Assert.Contains("prompts: 6 prompts are held out, which say too little; ", run.Error, StringComparison.Ordinal);
    }

    static Shipped Blocked(string[] blocked, string[] notJudged, string run, string export, params string[] more)
    {
        var thresholds = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.WriteAllText(thresholds, ShippedPipeline.Text);
        var shipped = Shipped.Of([run, "--export", export, "--thresholds", thresholds, .. more]);
        File.Delete(thresholds);
        Assert.Equal(3, shipped.ExitCode);
        Assert.Equal(blocked, shipped.That("blocked"));
        Assert.Equal(notJudged, shipped.That("not_judged"));
        return shipped;
    }

    Shipped Ship(params string[] more) => Shipped.Of(
        [made.Run, "--export", made.Export, .. more.Contains("--thresholds") ? [] : (string[])["--thresholds", made.Thresholds], .. more]);

    static double Number(JsonNode node, string name) => (double)node[name]!;
}
