using OrtDpo.Cli;
using OrtDpo.Cli.Demo;
using OrtDpo.Cli.Generate;
using OrtDpo.Cli.Inspect;
using OrtDpo.Cli.Verify;
using OrtDpo.Core.CommandLine;
using OrtDpo.Export;
using OrtDpo.Precompute;
using OrtDpo.Train;

return CommandLineProgram.Run(
    CommandLineProgram.Compose(
        "ortdpo",
        "Tunes language models on human preferences with ONNX Runtime, one model in memory.",
        DemoCommand.Create(),
        InspectCommand.Create(),
        PrecomputeCommand.Create(),
        TrainCommand.Create(),
        SftCommand.Create(),
        EvalCommand.Create(),
        ExportCommand.Create(),
        GenerateCommand.Create(),
        VerifyCommand.Create(),
        EnvCommand.Create()),
    args);
