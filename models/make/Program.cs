using OrtDpo.Cli.CommandLine;
using OrtDpo.DemoModel;

return CommandLineProgram.Run(MakeCommand.Create(), args);
