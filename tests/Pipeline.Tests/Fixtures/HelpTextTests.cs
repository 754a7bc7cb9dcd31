namespace OrtDpo.Pipeline.Tests.Fixtures;

public sealed class HelpTextTests
{
    [Fact]
    public void The_help_of_every_verb_is_as_recorded()
    {
        var files = Directory.GetFiles(FirstSlice.Recorded("help"), "*.txt");
        Assert.Equal(16, files.Length);
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
}
