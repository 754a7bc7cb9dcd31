using OrtDpo.Cli;
using OrtDpo.Cli.CommandLine;

return CommandLineProgram.Run(OrtDpoCommand.Create(), args);
