using System.CommandLine;
using System.Globalization;
using OrtDpo.Artifacts.Import;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Import;

/// <summary><c>ortdpo import</c>: a checkpoint of on-device training becomes a folder that everything else reads.</summary>
static class ImportCommand
{
    public static Command Create()
    {
        var checkpoint = new Option<string>(OptionNames.Of("Checkpoint"))
        {
            HelpName = "FILE",
            Description = "The checkpoint that a phone, a browser or the on-device engine saved; its tensors may lie beside it, in "
                + "FILE.data.",
            Required = true,
        }.NotEmpty();
        var model = new Option<string>(OptionNames.Of("Model"))
        {
            Description = "The model that the artifacts were made of; of an adapter's, its base.",
            Required = true,
        }.NotEmpty();
        var artifacts = new Option<string>(OptionNames.Of("Artifacts"))
        {
            Description = "The folder of the artifacts that it was trained with; needed where the checkpoint does not say what it is of.",
        }.NotEmpty();
        var destination = new Option<string>(OptionNames.Of("Out"))
        {
            Description = "The folder to make, which must not exist yet.",
            Required = true,
        }.NotEmpty();
        var command = new Command(
            "import", "Makes a model folder, or an adapter as PEFT saves one, of a checkpoint that was trained on a device.")
        {
            checkpoint, model, artifacts, destination,
        };
        command.SetStage(
            parse => new ImportRequest
            {
                Checkpoint = parse.GetRequiredValue(checkpoint), Model = parse.GetRequiredValue(model),
                Artifacts = parse.GetValue(artifacts), Out = parse.GetRequiredValue(destination),
            },
            (request, output) => Tell(CheckpointImport.Run(request), request, output));
        return command;
    }

    static void Tell(ImportResult result, ImportRequest request, ProgramOutput output)
    {
        var kind = result.IsAdapter ? "an adapter" : "a model";
        output.WriteLine($"imported: {result.Folder}, {kind} from {request.Checkpoint}");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"trained: {result.Numbers:N0} numbers in {result.Trained:N0} parameters, float32 as the device has them, all of them finite"));
        output.WriteLine($"digest: {result.Digest}, which was read back");
        foreach (var note in result.Notes)
        {
            output.WriteLine($"note: {OptionNames.In(note)}");
        }

        output.WriteLine(result.IsAdapter
            ? $"next: ortdpo merge --adapter {result.Folder} --out FOLDER"
            : $"next: ortdpo generate --model {result.Folder} --prompt TEXT");
    }
}
