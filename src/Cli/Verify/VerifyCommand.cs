using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Train;
using OrtDpo.Export.Verification;
using OrtDpo.Precompute;

namespace OrtDpo.Cli.Verify;

/// <summary><c>ortdpo verify</c>: whether a reference cache, a run or an export is as it was written.</summary>
static class VerifyCommand
{
    const int DefaultSample = 64;

    static readonly Argument<string> Folder = new("FOLDER")
    {
        Description = "A reference cache, the folder of a finished run, or an export.",
    };

    static readonly Option<string> Model = new("--model")
    {
        Description = "Also score a sample of the cache's pairs again with its reference.",
    };

    static readonly Option<string> Adapter = AdapterCommandOptions.CreateAdapter("put on the reference");

    static readonly Option<string> Base = BaseOption.Create();

    static readonly Option<int> Sample = new Option<int>("--sample")
    {
        Description = $"Pairs to score again [default: {DefaultSample}].",
    }.Positive();

    static readonly Option<string> Device = DeviceOption.Create("the model");

    static readonly OffloadOptions Offload = new();

    static readonly Option<int> Threads = ThreadsOption.Create();

    static readonly Option<bool> Json = new("--json") { Description = "Print one JSON object." };

    public static Command Create()
    {
        var command = new Command(
            "verify",
            "Checks a reference cache, a run or an export against the digests in its manifest, and an export's adapters against its base; "
            + "exit code 1 names the fault.")
        {
            Folder, Model, Adapter, Base, Sample, Device, Threads, Json,
        };
        Offload.AddTo(command);
        command.SetStage(Bind, (asked, output) =>
        {
            if (!Path.Exists(asked.Request.Folder))
            {
                throw new DirectoryNotFoundException(
                    $"{asked.Request.Folder} does not exist. Give a reference cache, the folder of a run, or an export.");
            }

            if (ExportVerification.IsExport(asked.Request.Folder))
            {
                ExportReport.Run(asked.Request, asked.Json, output);
                return;
            }

            VerifyReport.Run(asked.Request, asked.Json, output);
        });
        return command;
    }

    static (VerifyRequest Request, bool Json) Bind(ParseResult parse)
    {
        foreach (var option in (Option[])[Adapter, Base, Sample, Device, .. Offload.All, Threads])
        {
            if (parse.IsGiven(option) && !parse.IsGiven(Model))
            {
                throw new ArgumentException($"{option.Name} has no effect without --model.");
            }
        }

        var request = new VerifyRequest(
            parse.GetRequiredValue(Folder),
            parse.GetValue(Model),
            parse.IsGiven(Sample) ? parse.GetValue(Sample) : DefaultSample,
            parse.GetValue(Threads))
        {
            Adapter = parse.GetValue(Adapter),
            Base = BaseOption.Bind(parse, Base),
            Device = DeviceOption.Bind(parse, Device),
            Offload = Offload.Bind(parse),
        };
        return (request, parse.GetValue(Json));
    }
}
