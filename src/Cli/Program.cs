using OrtDpo.Cli;
using OrtDpo.Cli.CommandLine;

using var signals = EndSignals.Listen();
return CommandLineProgram.Run(OrtDpoCommand.Create(), args);
