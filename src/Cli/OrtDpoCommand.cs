using System.CommandLine;
using OrtDpo.Cli.Artifacts;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Configuration.Schemas;
using OrtDpo.Cli.Demo;
using OrtDpo.Cli.Export;
using OrtDpo.Cli.Generate;
using OrtDpo.Cli.Import;
using OrtDpo.Cli.Inspect;
using OrtDpo.Cli.Page;
using OrtDpo.Cli.Plan;
using OrtDpo.Cli.Precompute;
using OrtDpo.Cli.Ship;
using OrtDpo.Cli.Train;
using OrtDpo.Cli.Verify;

namespace OrtDpo.Cli;

/// <summary><c>ortdpo</c> with all its verbs.</summary>
static class OrtDpoCommand
{
    internal static Command Create() => CommandLineProgram.Compose(
        "ortdpo",
        "Tunes language models on human preferences with ONNX Runtime, one model in memory.",
        DemoCommand.Create(),
        InspectCommand.Create(),
        PlanCommand.Create(),
        PrecomputeCommand.Create(),
        TrainCommand.Create(),
        SftCommand.Create(),
        EvalCommand.Create(),
        ExportCommand.Create(),
        MergeCommand.Create(),
        GenerateCommand.Create(),
        ChatCommand.Create(),
        ArtifactsCommand.Create(),
        PageCommand.Create(),
        ImportCommand.Create(),
        VerifyCommand.Create(),
        ShipCommand.Create(),
        SchemaCommand.Create(),
        EnvCommand.Create());
}
