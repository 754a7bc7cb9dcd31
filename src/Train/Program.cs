using OrtDpo.Core.CommandLine;
using OrtDpo.Train;

var program = CommandLineProgram.Compose(
    "ortdpo-train", "Stage 2: trains models.", TrainCommand.Create(), SftCommand.Create(), EvalCommand.Create());
return CommandLineProgram.Run(program, args);
