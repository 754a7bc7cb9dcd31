using System.CommandLine;
using System.Globalization;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Data;
using OrtDpo.Page;

namespace OrtDpo.Cli.Page;

/// <summary><c>ortdpo page</c>: a static page that tunes a model in the browser.</summary>
static class PageCommand
{
    public static Command Create()
    {
        var usual = new PageRequest { Out = "" };
        var run = new Option<string>(OptionNames.Of(nameof(PageRequest.Run)))
        {
            Description = "A run: the page trains the model that it began with, on pairs of its data, with its objective and numbers.",
        }.NotEmpty();
        var checkpoint = CheckpointOption.Create();
        checkpoint.Description = "The checkpoint of the run that the page begins with, and compares with: the last, the best "
            + "(train --keep-best), or that of a step [default: the model that the run began with].";
        var artifacts = new Option<string>(OptionNames.Of(nameof(PageRequest.Artifacts)))
        {
            Description = "A folder of artifacts in place of a run; they must have been made with --logits, and of a loss of pairs.",
        }.NotEmpty();
        var data = new Option<string[]>("--data")
        {
            Description = "Files of pairs for the page of --artifacts. Without them it begins with those that its reader types.",
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
        }.NotEmpty();
        var pairs = new Option<int>("--pairs")
        {
            Description = "How many of the pairs the page begins with, at most.",
            DefaultValueFactory = _ => usual.Pairs,
        }.Positive();
        var packages = new Option<string>(OptionNames.Of(nameof(PageRequest.Packages)))
        {
            Description = "The node_modules that npm installed onnxruntime-web and @huggingface/tokenizers in, or a folder of their "
                + "archives as npm pack makes them.",
            DefaultValueFactory = _ => usual.Packages,
        }.NotEmpty();
        var destination = new Option<string>("--out")
        {
            Description = "The folder to make, which must not exist yet.",
            Required = true,
        }.NotEmpty();
        var command = new Command("page", "Writes a static page that tunes a model on pairs in the browser, and sends nothing anywhere.")
        {
            run, checkpoint, artifacts, data, pairs, packages, destination,
        };
        command.SetStage(
            parse =>
            {
                var passedOver = new List<string>();
                return Require(parse, run, artifacts, [checkpoint], [data], new PageRequest
                {
                    Run = parse.GetValue(run),
                    Checkpoint = parse.GetValue(checkpoint) is null ? null : CheckpointOption.Bind(parse, checkpoint),
                    Artifacts = parse.GetValue(artifacts),
                    Files = DataSource.FromPaths(DataPaths.Expand(parse.GetValue(data) ?? [], passedOver.Add)),
                    PassedOverFiles = passedOver,
                    Pairs = parse.GetValue(pairs),
                    Packages = parse.GetValue(packages)!,
                    Out = parse.GetRequiredValue(destination),
                });
            },
            (asked, output) => Tell(TrainingPage.Write(asked), output));
        return command;
    }

    static PageRequest Require(
        ParseResult parse, Option run, Option artifacts, IReadOnlyList<Option> ofRun, IReadOnlyList<Option> ofArtifacts,
        PageRequest request)
    {
        var (isOfRun, isOfArtifacts) = (parse.IsGiven(run), parse.IsGiven(artifacts));
        if (isOfRun == isOfArtifacts)
        {
            throw new ArgumentException(isOfRun
                ? $"{run.Name} and {artifacts.Name} are both given; a page is of one of them."
                : $"Neither {run.Name} nor {artifacts.Name} is given; a page is of one of them.");
        }

        return (isOfRun ? ofArtifacts : ofRun).FirstOrDefault(parse.IsGiven) is not { } inert ? request : throw new ArgumentException(
            $"{inert.Name} has no effect with {(isOfRun ? run : artifacts).Name}.");
    }

    static void Tell(PageResult page, ProgramOutput output)
    {
        if (page.Ledger is { } ledger)
        {
            foreach (var line in LedgerText.Lines(ledger).Concat(LedgerText.Warnings(ledger)))
            {
                output.WriteLine(line);
            }
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"page: {page.Folder}, {page.Bytes / 1e6:0.0} MB: trains {page.Model} with {page.Loss}, beginning with {page.Pairs} pairs"));
        if (page.Unreadable > 0)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"passed over: {page.Unreadable} pairs, whose tokens are not those of any text that could be shown and edited"));
        }

        output.WriteLine($"next: serve the folder, such as with npx serve {page.Folder}, and open it in a browser");
    }
}
