using System.CommandLine;
using System.Text.Json.Nodes;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Inspect;
using OrtDpo.Cli.Verify;

namespace OrtDpo.Cli.Tests.CommandLine;

/// <summary>Options stand in the place of properties in the sentences of libraries, and never in what a user wrote.</summary>
public sealed class OptionNamesTests : IDisposable
{
    static readonly string FirstSlice = Repository.Find("tests", "fixtures", "first-slice");

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_prompt_that_names_a_property_is_shown_as_it_is()
    {
        var pair = folder.Write(
            "pairs.jsonl", """{"prompt": "What is a `Model`?", "chosen": " A `Loss`.", "rejected": " No `Model`."}""");
        var printed = JsonNode.Parse(Succeed(
            InspectCommand.Create(), "inspect", "--json", "--model", Path.Combine(FirstSlice, "model"), "--data", pair))!;
        Assert.EndsWith("What is a `Model`?", (string)printed["shown_text"]!["prompt"]!, StringComparison.Ordinal);
        Assert.StartsWith(" A `Loss`.", (string)printed["shown_text"]!["chosen"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--json")]
    [InlineData]
    public void A_warning_has_the_option(params string[] more)
    {
        var pair = folder.Write("pairs.jsonl", """{"prompt": "apple?", "chosen": " bird cloud door evening", "rejected": " fish"}""");
        var printed = Succeed(
            InspectCommand.Create(),
            ["inspect", "--model", Path.Combine(FirstSlice, "model"), "--data", pair, "--max-length", "12", .. more]);
        Assert.Contains("is --max-length too small?", printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--json")]
    [InlineData]
    public void A_folder_that_is_called_as_a_property_keeps_its_name(params string[] more)
    {
        var cache = Directory.CreateDirectory(folder.File("`Model`")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(FirstSlice, "caches", "pairs")))
        {
            File.Copy(file, Path.Combine(cache, Path.GetFileName(file)));
        }

        Assert.Contains(cache, Succeed(VerifyCommand.Create(), ["verify", cache, .. more]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_is_refused_is_said_as_it_was_given() => Assert.Equal(
        (2, "", "--sample is '`Model`'; it must be a whole number. See ortdpo verify --help."),
        Run(VerifyCommand.Create(), "verify", "ref", "--sample", "`Model`"));

    static string Succeed(Command verb, params string[] arguments)
    {
        var (exitCode, output, error) = Run(verb, arguments);
        Assert.Equal((0, ""), (exitCode, error));
        return output;
    }

    static (int ExitCode, string Output, string Error) Run(Command verb, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = CommandLineProgram.Run(CommandLineProgram.Compose("ortdpo", "", verb), arguments, output, error);
        return (exitCode, output.ToString(), error.ToString().TrimEnd());
    }
}
