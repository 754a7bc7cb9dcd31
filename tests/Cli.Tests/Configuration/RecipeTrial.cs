using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Configuration;

namespace OrtDpo.Cli.Tests.Configuration;

/// <summary>Recipes in a folder, given to the whole program.</summary>
sealed class RecipeTrial : IDisposable
{
    readonly TemporaryFolder folder = new();

    /// <summary>The recipe's path.</summary>
    public string Path => folder.File("recipe.yaml");

    /// <summary>Runs a verb with a recipe; what it says has <c>R</c> for the recipe's path.</summary>
    public (int ExitCode, string Output, string Error) Run(string verb, string recipe, params string[] typed)
    {
        folder.Write("recipe.yaml", recipe);
        return RunTyped([verb, "--config", Path, .. typed]);
    }

    /// <summary>Runs a command line.</summary>
    public (int ExitCode, string Output, string Error) RunTyped(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exitCode = CommandLineProgram.Run(OrtDpoCommand.Create(), arguments, output, error);
        return (exitCode, output.ToString(), error.ToString().TrimEnd('\n').Replace(Path, "R", StringComparison.Ordinal));
    }

    /// <summary>What a verb's command line says with a recipe; it must have no fault.</summary>
    public ParseResult Parse(string verb, string recipe, params string[] typed)
    {
        folder.Write("recipe.yaml", recipe);
        var line = ConfiguredLine.Typed(OrtDpoCommand.Create(), [verb, "--config", Path, .. typed]).WithRecipe();
        Assert.Null(line.Fault);
        return line.Parse;
    }

    public void Dispose() => folder.Dispose();
}
