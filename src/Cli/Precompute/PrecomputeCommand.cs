using System.CommandLine;
using OrtDpo.Batches;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Train;
using OrtDpo.Data;
using OrtDpo.Precompute;

namespace OrtDpo.Cli.Precompute;

/// <summary><c>ortdpo precompute</c>: stage 1, the reference's log-probabilities of all pairs.</summary>
public static class PrecomputeCommand
{
    static readonly Option<string> Model = new("--model")
    {
        Description = "The reference: a Hugging Face folder, or one with an ONNX model and a tokenizer.",
        Required = true,
    };

    static readonly Option<string> Adapter = AdapterCommandOptions.CreateAdapter("put on the reference");

    static readonly Option<string> Base = BaseOption.Create();

    static readonly Option<bool> KeepBase = new(OptionNames.Of(nameof(PrecomputeRequest.KeepBase)))
    {
        Description = "Write what --base quantises beside the cache, to be given as --base in place of being quantised again.",
    };

    static readonly Option<string> ShardOfN = new("--shard") { Description = "Score part i of n of the prompts: i/n." };

    static readonly Option<string> Reuse = new Option<string>("--reuse")
    {
        Description = "Older caches of the same reference, REF[,REF2]: rows that they hold are not scored again.",
    }.Listed();

    static readonly Option<string> Device = DeviceOption.Create("the reference");

    static readonly Option<string> Dtype = ComputeDtypeOption.Create(
        "The policy that is trained on the cache computes in the same [default: float32].");

    static readonly OffloadOptions Offload = new();

    static readonly Option<int> Threads = ThreadsOption.Create();

    static readonly Option<bool> Force = MemoryOption.CreateForce();

    static readonly Option<bool> DryRun = DryRunOption.Create("score nothing but a few fixed tokens");

    static readonly Option<string> Out = new Option<string>("--out")
    {
        Description = "The folder of the cache; a run that was killed is continued.",
        Required = true,
    }.NotEmpty();

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var command = new Command(
            "precompute", "Scores preference pairs or unpaired feedback with the reference model and writes the reference cache.")
        {
            Model, Out,
        };
        var data = new DataOptions(
            command,
            "preference pairs ('prompt', 'chosen', 'rejected'), or unpaired feedback ('prompt', 'completion', 'label')",
            required: true);
        foreach (var option in (Option[])[Adapter, Base, KeepBase, ShardOfN, Reuse, Device, Dtype, Threads, Force, DryRun])
        {
            command.Add(option);
        }

        Offload.AddTo(command);
        command.SetStage(
            parse => (IsDry: parse.GetValue(DryRun), Request: new PrecomputeRequest
            {
                Model = parse.GetRequiredValue(Model),
                Adapter = parse.GetValue(Adapter),
                Base = BaseOption.Bind(parse, Base),
                KeepBase = parse.GetValue(KeepBase),
                Data = data.Bind(parse),
                Shard = parse.GetValue(ShardOfN) is { } shard ? Shard.Parse(shard) : Shard.Whole,
                Reuse = Folders(parse.GetValue(Reuse), parse.GetRequiredValue(Out)),
                Device = DeviceOption.Bind(parse, Device),
                Dtype = ComputeDtypeOption.Bind(parse, Dtype) ?? ComputeDtype.Float32,
                Offload = Offload.Bind(parse),
                Threads = parse.GetValue(Threads),
                Force = parse.GetValue(Force),
                Out = parse.GetRequiredValue(Out),
            }),
            (asked, output) =>
            {
                var request = asked.Request;
                using var report = new PrecomputeReport(request, output);
                if (asked.IsDry)
                {
                    report.Rehearsed(PrecomputeStage.Rehearse(request, report.Tell));
                    return;
                }

                using var interruption = new Interruption(
                    _ => true,
                    () => output.WriteLine("finishing the batch that is scored, then stopping; once more to stop at once"));
                report.Done(PrecomputeStage.Run(request with { Stop = interruption.Token }, told =>
                {
                    if (told is PrecomputeEvent.ScoringStarted)
                    {
                        interruption.Begin();
                    }

                    report.Tell(told);
                }));
            });
        return command;
    }

    static string[] Folders(string? list, string made)
    {
        var folders = list?.Split(',') ?? [];
        if (folders.Any(string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException($"--reuse is '{list}'; expected folders with a comma between them.");
        }

        var paths = folders.Select(Path.GetFullPath).ToList();
        return paths.Distinct().Count() < paths.Count ? throw new ArgumentException($"--reuse is '{list}'; it names a folder twice.")
            : paths.Contains(Path.GetFullPath(made)) ? throw new ArgumentException(
                $"--reuse names {made}, which is the folder to write; the same command continues it without.")
            : folders;
    }
}
