using System.CommandLine;

namespace OrtDpo.Cli.Train;

/// <summary>The option <c>--dry-run</c>.</summary>
static class DryRunOption
{
    /// <summary>The option of a verb.</summary>
    /// <param name="what">What is not done, as in "no step".</param>
    public static Option<bool> Create(string what) => new("--dry-run")
    {
        Description = $"Do everything that is done before, and {what}: open, check, plan and say what would be done. Nothing is written, "
            + "and what a run would refuse is refused.",
    };
}
