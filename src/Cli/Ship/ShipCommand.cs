using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Ship;
using OrtDpo.Ship.Thresholds;

namespace OrtDpo.Cli.Ship;

/// <summary><c>ortdpo ship</c>: the release gate, for people and for pipelines.</summary>
static class ShipCommand
{
    static readonly Argument<string?> Run = new("RUN")
    {
        Description = "The run's folder.", Arity = ArgumentArity.ZeroOrOne,
    };

    static readonly Option<string> Checkpoint = CheckpointOption.Create();

    static readonly Option<string> Export = new Option<string>(OptionNames.Of(nameof(ReleaseRequest.Export)))
    {
        Description = "The folder that the run was exported to.",
    }.NotEmpty();

    static readonly Option<string> Thresholds = new Option<string>(OptionNames.Of(nameof(ReleaseRequest.Thresholds)))
    {
        Description = "A YAML file of thresholds; what it does not name is as usual.",
    }.NotEmpty();

    static readonly Option<string> WriteThresholds = new Option<string>(OptionNames.Of("WriteThresholds"))
    {
        Description = "Write the usual thresholds to a new file, with what each of them means, and do nothing else.",
    }.NotEmpty();

    static readonly Option<string> Reference = new Option<string>(OptionNames.Of(nameof(ReleaseRequest.Reference)))
    {
        Description = "The folder of the reference, or without one of the model that training started from, where it is not where the run "
            + "says.",
    }.NotEmpty();

    static readonly Option<string[]> Data = new Option<string[]>(OptionNames.Of("Files"))
    {
        Description = "The data files as they are now, to be compared with those that the run was made of.",
        AllowMultipleArgumentsPerToken = true,
    }.NotEmpty();

    static readonly Option<string> Report = new Option<string>(OptionNames.Of("Report"))
    {
        Description = "Also write the JSON object to a file, outside the run and the export.",
    }.NotEmpty();

    static readonly Option<string> Device = DeviceOption.Create("every model but the exported one");

    static readonly OffloadOptions Offload = new();

    static readonly Option<int> Threads = ThreadsOption.Create();

    static readonly Option<bool> Json = new("--json") { Description = "Print one JSON object." };

    public static Command Create()
    {
        var command = new Command(
            "ship",
            "Judges whether a run and its export may be shipped: digests, held-out rows, parity. Exit codes: 0 it ships, 3 a check is "
            + "blocked, 1 something could not be judged, 2 the command line is wrong.")
        {
            Run, Checkpoint, Export, Thresholds, Reference, Data, Report, Device, Threads, Json, WriteThresholds,
        };
        Offload.AddTo(command);
        command.SetStage(Bind, (asked, output, error) =>
        {
            if (asked.WriteThresholds is { } path)
            {
                ThresholdFile.WriteUsual(path);
                output.WriteLine($"thresholds: {path}");
                return CommandLineProgram.Success;
            }

            return ShipReport.Run(asked.Request!, asked.Thresholds, asked.Report, asked.Json, output, error);
        });
        return command;
    }

    static Asked Bind(ParseResult parse)
    {
        if (parse.IsGiven(WriteThresholds))
        {
            foreach (var option in (Option[])
                [Checkpoint, Export, Thresholds, Reference, Data, Report, Device, .. Offload.All, Threads, Json])
            {
                if (parse.IsGiven(option))
                {
                    throw new ArgumentException($"{option.Name} has no effect with {WriteThresholds.Name}.");
                }
            }

            return parse.GetValue(Run) is null
                ? new Asked(null, null, null, false, parse.GetValue(WriteThresholds))
                : throw new ArgumentException($"{Run.Name} has no effect with {WriteThresholds.Name}.");
        }

        var request = new ReleaseRequest
        {
            Run = parse.GetValue(Run) ?? throw Missing(Run.Name),
            Checkpoint = CheckpointOption.Bind(parse, Checkpoint),
            Export = parse.GetValue(Export) ?? throw Missing(Export.Name),
            Reference = parse.GetValue(Reference),
            Data = parse.GetValue(Data) ?? [],
            Device = DeviceOption.Bind(parse, Device),
            Offload = Offload.Bind(parse),
            Threads = parse.GetValue(Threads),
        };
        return new Asked(request, parse.GetValue(Thresholds), parse.GetValue(Report), parse.GetValue(Json), null);
    }

    static ArgumentException Missing(string name) => new($"{name} is missing; ortdpo ship needs it.");

    sealed record Asked(ReleaseRequest? Request, string? Thresholds, string? Report, bool Json, string? WriteThresholds);
}
