using OrtDpo.Core.CommandLine;
using OrtDpo.Precompute;

return CommandLineProgram.Run(PrecomputeCommand.Create(), args);
