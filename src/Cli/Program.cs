using OrtDpo.Cli;
using OrtDpo.Cli.CommandLine;

ForgivingWriter.OnTerminal();
using var signals = EndSignals.Listen();
return CommandLineProgram.Run(OrtDpoCommand.Create(), args);
