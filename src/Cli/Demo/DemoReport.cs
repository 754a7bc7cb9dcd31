using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Export;
using OrtDpo.Cli.Precompute;
using OrtDpo.Cli.Train;
using OrtDpo.Demo;

namespace OrtDpo.Cli.Demo;

/// <summary>What the demo tells people: each stage as its verb tells it, then before and after, then where everything lies.</summary>
sealed class DemoReport(ProgramOutput output) : IDisposable
{
    PrecomputeReport? precompute;
    TrainingReport? training;

    public void Tell(DemoEvent told)
    {
        switch (told)
        {
            case DemoEvent.PrecomputeBegun begun:
                Stage(
                    "1. precompute: the frozen reference is run once",
                    "precompute --model MODEL --data train.jsonl --eval-data heldout.jsonl --out reference");
                precompute = new PrecomputeReport(begun.Request, output);
                break;
            case DemoEvent.PrecomputeTold scoring:
                precompute!.Tell(scoring.Told);
                break;
            case DemoEvent.Precomputed { Result: var cache }:
                precompute!.Done(cache);
                break;
            case DemoEvent.TrainBegun { Request: { Options: var options } request }:
                Stage(
                    "2. train: only the policy is in memory",
                    FormattableString.Invariant($"train --model MODEL --ref reference --out run --batch-pairs {options.BatchPairs} ")
                    + FormattableString.Invariant($"--learning-rate {options.LearningRate} --max-steps {options.MaxSteps}"));
                training = new TrainingReport(request, output);
                break;
            case DemoEvent.TrainTold step:
                training!.Tell(step.Told);
                break;
            case DemoEvent.Trained { Result: var run }:
                training!.Done(run);
                break;
            case DemoEvent.ExportBegun:
                Stage("3. export: a model that hosts of ONNX Runtime load", "export --run run --out deploy");
                break;
            case DemoEvent.Exported { Result: var exported }:
                ExportCommand.Tell(exported, output);
                break;
        }
    }

    public void Done(DemoResult result)
    {
        output.WriteLine();
        foreach (var line in DemoTable.Lines(result))
        {
            output.WriteLine(line);
        }

        output.WriteLine();
        foreach (var answer in result.Answers)
        {
            output.WriteLine(answer.Prompt.Replace("\n", " ", StringComparison.Ordinal));
            output.WriteLine($"  before: {answer.Before.Trim()}");
            output.WriteLine($"  after:  {answer.After.Trim()}");
        }

        output.WriteLine();
        WriteWhere(result);
    }

    public void Dispose()
    {
        precompute?.Dispose();
        training?.Dispose();
    }

    void WriteWhere(DemoResult result)
    {
        var deploy = Path.GetDirectoryName(result.Exported.Model);
        output.WriteTable(
            ["reference cache", result.Precomputed.Folder],
            ["run (metrics.jsonl, checkpoint)", result.Trained.Folder],
            ["tuned policy, Hugging Face layout", result.Trained.Checkpoint],
            ["tuned policy, ONNX", result.Exported.Model],
            [
                "talk to it",
                $"ortdpo generate --model {deploy} --prompt \"{result.Answers[0].Prompt.Replace("\n", "\\n", StringComparison.Ordinal)}\"",
            ]);
    }

    void Stage(string what, string command)
    {
        output.WriteLine();
        output.WriteLine($"== {what}");
        output.WriteLine($"   ortdpo {command}");
        output.WriteLine();
    }
}
