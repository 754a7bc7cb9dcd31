using OrtDpo.Core.CommandLine;
using OrtDpo.Train;

return CommandLineProgram.Run(CommandLineProgram.Compose("ortdpo-train", "Stage 2: trains models.", TrainCommand.Create(), SftCommand.Create(), EvalCommand.Create()), args);
