using System.Text.Json;
using OrtDpo.Models;
using OrtDpo.Tokenizers;

namespace OrtDpo.Cli.Tests.Train;

public sealed class SftCommandTests
{
    [Fact]
    public void Supervised_training_lowers_the_loss_and_leaves_a_model_folder()
    {
        using var trial = new TrainingTrial();
        var data = trial.Write("data.jsonl", string.Concat(Enumerable.Range(0, 40).Select(i => $$"""
            {"prompt":"number {{i}}","completion":" is {{(i % 2 == 0 ? "even" : "odd")}}"}

            """)));
        var run = TrainingTrial.Run(
            Arguments(trial, data, "--epochs", "6", "--learning-rate", "5e-3", "--eval-fraction", "0.2", "--max-length", "40"));
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("40 rows: 40 kept whole, 0 kept truncated, 0 dropped.", run.Output, StringComparison.Ordinal);
        var evaluations = File.ReadAllLines(Path.Combine(trial.PathOf("sft"), "metrics.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.TryGetProperty("eval_loss", out _)).ToList();
        // Random weights know nothing: about ln 311 = 5.74 a token.
        Assert.InRange(evaluations[0].GetProperty("eval_loss").GetDouble(), 4, 9);
        Assert.InRange(evaluations[^1].GetProperty("eval_loss").GetDouble(), 0, 1.5);
        var last = Assert.Single(Directory.GetDirectories(Path.Combine(trial.PathOf("sft"), "checkpoints")));
        using var model = ModelFolder.Open(last);
        Assert.Equal(ModelTokenizer.Load(trial.Model).Digest, ModelTokenizer.Load(last).Digest);
    }

    [Fact]
    public void A_wrong_row_is_named_by_its_line_and_leaves_nothing_behind()
    {
        using var trial = new TrainingTrial();
        var data = trial.Write("data.jsonl", """
            {"prompt":"a","completion":"b"}
            {"prompt":"a","chosen":"b"}
            """);
        var run = TrainingTrial.Run(Arguments(trial, data));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("line 2: the row is a preference pair ('chosen' and 'rejected'), and", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(trial.PathOf("sft")));
    }

    [Fact]
    public void Rows_that_cannot_be_used_are_counted()
    {
        using var trial = new TrainingTrial();
        var data = trial.Write("data.jsonl", """
            {"prompt":"a","completion":"b"}
            {"prompt":"eeeeeeeeee ffffffffff gggggggggg","completion":"b"}
            {"prompt":"a","completion":" "}
            {"prompt":"a","completion":"bbbbbbbbbb cccccccccc dddddddddd"}
            """);
        var run = TrainingTrial.Run(Arguments(trial, data, "--max-length", "8", "--max-steps", "1"));
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("4 rows: 1 kept whole, 1 kept truncated, 2 dropped.", run.Output, StringComparison.Ordinal);
        var ledger = JsonDocument.Parse(File.ReadAllText(Path.Combine(trial.PathOf("sft"), "ledger.json"))).RootElement;
        var dropped = ledger.GetProperty("dropped_rows");
        Assert.Equal("data.jsonl:2", Assert.Single(dropped.GetProperty("prompt_too_long").EnumerateArray()).GetString());
        Assert.Equal("data.jsonl:3", Assert.Single(dropped.GetProperty("empty_completion").EnumerateArray()).GetString());
    }

    [Fact]
    public void Held_out_rows_may_lie_in_a_file_of_their_own()
    {
        using var trial = new TrainingTrial();
        var data = trial.Write("data.jsonl", "{\"prompt\":\"a\",\"completion\":\"b\"}\n{\"prompt\":\"c\",\"completion\":\"d\"}\n");
        var heldOut = trial.Write("heldout.jsonl", "{\"prompt\":\"a\",\"completion\":\"e\"}\n{\"prompt\":\"f\",\"completion\":\"g\"}\n");

        var leak = TrainingTrial.Run(Arguments(trial, data, "--max-steps", "1", "--eval-data", heldOut));
        Assert.Equal(1, leak.ExitCode);
        Assert.Contains("The prompt of heldout.jsonl:1 is also that of data.jsonl:1", leak.Error, StringComparison.Ordinal);

        var run = TrainingTrial.Run(Arguments(trial, data, "--max-steps", "1", "--eval-data", heldOut, "--allow-leak"));
        Assert.Equal("", run.Error);
        Assert.Contains("split: 2 train, 2 eval, of which 1 with a prompt that is also trained on", run.Output, StringComparison.Ordinal);
        Assert.Contains("eval_data: ", File.ReadAllText(Path.Combine(trial.PathOf("sft"), "config.yaml")), StringComparison.Ordinal);
    }

    static string[] Arguments(TrainingTrial trial, string data, params string[] more) =>
        ["sft", "--model", trial.Model, "--data", data, "--out", trial.PathOf("sft"), "--threads", $"{TrainingTrial.Threads}", .. more];
}
