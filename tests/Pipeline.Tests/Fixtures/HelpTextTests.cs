namespace OrtDpo.Pipeline.Tests.Fixtures;

public sealed class HelpTextTests
{
    [Fact]
    public void The_help_of_every_verb_is_as_recorded()
    {
        var files = Directory.GetFiles(FirstSlice.Recorded("help"), "*.txt");
        Assert.Equal(
            Verbs().Append("ortdpo").Order(StringComparer.Ordinal),
            files.Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal));
        var differences = new Differences();
        foreach (var file in files)
        {
            var verb = Path.GetFileNameWithoutExtension(file);
            var run = OrtDpoProgram.Run(verb == "ortdpo" ? ["--help"] : [verb, "--help"]);
            Found.Keep($"help/{verb}.txt", run.Output);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            differences.Compare(verb, ConsoleText.Masked(File.ReadAllText(file), "{folder}"), ConsoleText.Masked(run.Output, "{folder}"));
        }

        differences.RequireNone();
    }

    // The first word of each line under "Commands:".
    static IEnumerable<string> Verbs() => OrtDpoProgram.Run("--help").Output.Split('\n')
        .SkipWhile(line => !line.StartsWith("Commands:", StringComparison.Ordinal)).Skip(1)
        .Where(line => line.StartsWith("  ", StringComparison.Ordinal) && line[2] != ' ')
        .Select(line => line.Trim().Split(' ')[0]);
}
