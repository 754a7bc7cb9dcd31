using System.CommandLine;
using OrtDpo.Train;

namespace OrtDpo.Cli.CommandLine;

/// <summary>The options about memory.</summary>
static class MemoryOption
{
    /// <summary>The option <c>--memory</c>.</summary>
    public static Option<ActivationMemory> Create() => new("--memory")
    {
        HelpName = "auto|keep|recompute",
        Description = "Activations between forward and backward: keep (fastest), recompute (less memory, more time), or auto, which keeps "
            + "them in as many layers as memory allows. No choice changes a number [default: auto].",
    };

    /// <summary>The option <c>--force</c>.</summary>
    public static Option<bool> CreateForce() => new("--force")
    {
        Description = "Run although the plan says that the machine has too little memory.",
    };
}
