using System.CommandLine;
using OrtDpo.Runs;

namespace OrtDpo.Cli.CommandLine;

/// <summary>The option <c>--threads</c>, the same in every command that runs a model.</summary>
public static class ThreadsOption
{
    /// <summary>The option for one command.</summary>
    public static Option<int> Create() => new Option<int>("--threads")
    {
        Description = "Threads; by default one per physical core.",
        DefaultValueFactory = _ => MachineFacts.Read().PhysicalCores,
    }.Positive().Knowing(facts => facts with { HasDefaultOfMachine = true });
}
