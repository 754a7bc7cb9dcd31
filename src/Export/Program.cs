using OrtDpo.Core.CommandLine;
using OrtDpo.Export;

return CommandLineProgram.Run(
    CommandLineProgram.Compose("ortdpo-export", "Stage 3: exports trained models.", ExportCommand.Create()), args);
