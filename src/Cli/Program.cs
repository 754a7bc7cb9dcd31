using OrtDpo.Cli;
using OrtDpo.Cli.Generate;
using OrtDpo.Core.CommandLine;

return CommandLineProgram.Run(
    CommandLineProgram.Compose(
        "ortdpo",
        "Tunes language models on human preferences with ONNX Runtime, one model in memory.",
        GenerateCommand.Create(),
        EnvCommand.Create()),
    args);
