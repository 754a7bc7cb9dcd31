using OrtDpo.Core.CommandLine;
using OrtDpo.DemoModel;

return CommandLineProgram.Run(MakeCommand.Create(), args);
