using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Generate;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Cli.Generate;

/// <summary>The options that say which model writes, and where it runs.</summary>
sealed class TextModelOptions
{
    readonly Option<string> model = new Option<string>(OptionNames.Of("Model"))
    {
        Description = "A folder that export wrote, a Hugging Face folder, or one with an ONNX model.",
    }.NotEmpty();

    readonly Option<string> run = new Option<string>(OptionNames.Of("Run"))
    {
        Description = "The folder of a run in place of --model: one of its checkpoints, the base held as in the run.",
    }.NotEmpty();

    readonly Option<string> checkpoint = CheckpointOption.Create();

    readonly Option<string> adapter = new Option<string>(OptionNames.Of("Adapter"))
    {
        Description = "An adapter to put on the model: the folder of a LoRA adapter, which is a run's checkpoint or one that PEFT saved; "
            + "of an export with adapters the name of one, or the path of an .onnx_adapter file.",
    }.NotEmpty();

    readonly Option<string> weights = BaseOption.Create();
    readonly Option<string> device = DeviceOption.Create("the model");
    readonly OffloadOptions offload = new();
    readonly Option<int> threads = ThreadsOption.Create();

    /// <summary>Adds those that say which model, which stand first.</summary>
    public void AddModelTo(Command command)
    {
        foreach (var option in (Option[])[model, run, checkpoint, adapter, weights])
        {
            command.Add(option);
        }
    }

    /// <summary>Adds those that say where it runs.</summary>
    public void AddPlaceTo(Command command)
    {
        command.Add(device);
        command.Add(threads);
        offload.AddTo(command);
    }

    /// <summary>Reads them.</summary>
    /// <exception cref="ArgumentException">There is no model, or there are two.</exception>
    public AskedModel Bind(ParseResult parse)
    {
        if (parse.IsGiven(model) == parse.IsGiven(run))
        {
            throw new ArgumentException(parse.IsGiven(run)
                ? $"{model.Name} and {run.Name} are both given; one of them says which model writes."
                : $"{model.Name} is missing; {UsageErrors.PathOf(parse.CommandResult)} needs it, or {run.Name}.");
        }

        if (parse.IsGiven(run) && ((Option[])[adapter, weights]).FirstOrDefault(parse.IsGiven) is { } inert)
        {
            throw new ArgumentException($"{inert.Name} has no effect beside {run.Name}, which decides it.");
        }

        if (!parse.IsGiven(run) && parse.IsGiven(checkpoint))
        {
            throw new ArgumentException($"{checkpoint.Name} has no effect without {run.Name}.");
        }

        return new AskedModel(
            parse.GetValue(model), parse.GetValue(run), CheckpointOption.Bind(parse, checkpoint), parse.GetValue(adapter),
            BaseOption.Bind(parse, weights),
            DeviceOption.Bind(parse, device), offload.Bind(parse), parse.GetValue(threads));
    }
}

/// <summary>Which model was asked for, and where.</summary>
sealed record AskedModel(
    string? Model, string? Run, CheckpointChoice Checkpoint, string? Adapter, BaseWeights Weights, DeviceChoice Device,
    OffloadChoice Offload, int Threads)
{
    /// <summary>Opens it.</summary>
    public TextModel Load() => Run is null
        ? TextModel.Load(Model!, Threads, Adapter, Weights, Device, Offload)
        : TextModel.LoadRun(Run, Threads, Device, Offload, Checkpoint);
}
