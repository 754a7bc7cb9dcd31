using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Train;

namespace OrtDpo.Cli.Train;

/// <summary>The options about what runs the model and its gradient.</summary>
sealed class EngineCommandOptions
{
    static readonly Dictionary<string, EngineKind> ByName =
        Enum.GetValues<EngineKind>().ToDictionary(engine => engine.ConfigName(), StringComparer.Ordinal);

    readonly Option<string> engine = new Option<string>(OptionNames.Of(nameof(TrainRequest.Engine)))
    {
        HelpName = string.Join('|', ByName.Keys),
        Description = "What runs the model: step, or on-device, ONNX Runtime 1.19.2's on-device training in a process of its own: float32 "
            + "on the processor, with a native library of its own. Either goes on with the other's run [default: step].",
    }.OneOf(ByName.Keys);

    readonly Option<string> library = new(OptionNames.Of(nameof(TrainRequest.OnDeviceLibrary)))
    {
        Description = "The native library of --engine on-device; by default that of the NuGet package "
            + "Microsoft.ML.OnnxRuntime.Training 1.19.2.",
    };

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command command)
    {
        command.Add(engine);
        command.Add(library);
    }

    /// <summary>The engine that was asked for, or the default.</summary>
    public EngineKind Bind(ParseResult parse) => parse.GetValue(engine) is { } name ? ByName[name] : EngineKind.Step;

    /// <summary>The library that was given; null: none.</summary>
    /// <exception cref="ArgumentException">It was, and the engine has none.</exception>
    public string? BindLibrary(ParseResult parse) => parse.GetValue(library) is { } path && Bind(parse) != EngineKind.OnDevice
        ? throw new ArgumentException($"{library.Name} is {path}, and has no effect without {engine.Name} on-device.")
        : parse.GetValue(library);
}
