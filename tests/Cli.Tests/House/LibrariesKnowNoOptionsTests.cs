using System.Text.RegularExpressions;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Tests.House;

/// <summary>
/// Only the command line knows its options and the console: libraries name properties, which OptionNames maps to options.
/// </summary>
public sealed partial class LibrariesKnowNoOptionsTests
{
    // What somebody reads who starts it by hand, and where its messages go.
    static readonly string EngineProgram = Repository.Find("src", "Train.OnDevice", "Program.cs");

    static IEnumerable<(string File, string Text)> Libraries =>
        Directory.EnumerateFiles(Repository.Find("src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => file != EngineProgram
                && !file.Contains($"{Path.DirectorySeparatorChar}Cli{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(file => (file, File.ReadAllText(file)));

    [Fact]
    public void No_literal_outside_the_command_line_names_an_option()
    {
        var found = Libraries.SelectMany(source => Code(source.Text).SelectMany(line => Option().Matches(line)
            .Select(match => $"{source.File}: {match.Value}")));
        Assert.Empty(found);
    }

    [Fact]
    public void Every_property_that_a_library_names_has_an_option()
    {
        var named = Libraries.SelectMany(source => Code(source.Text).SelectMany(line => Property().Matches(line)
            .Select(match => match.Groups[1].Value))).ToHashSet();
        Assert.Contains("MaxLength", named);
        Assert.Empty(named.Except(OptionNames.Properties));
    }

    [Fact]
    public void No_library_writes_to_the_console() =>
        Assert.Empty(Libraries.Where(source => Code(source.Text).Any(line => line.Contains("Console.", StringComparison.Ordinal)))
            .Select(source => source.File));

    [Fact]
    public void Options_stand_in_the_place_of_properties_and_nothing_else_changes()
    {
        Assert.Equal(
            "--max-length is 4096; `other` and `Unknown` stay.",
            OptionNames.In("`MaxLength` is 4096; `other` and `Unknown` stay."));
    }

    static IEnumerable<string> Code(string text) =>
        text.Split('\n').Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal));

    [GeneratedRegex("""["\s(]--[a-z][a-z-]*""")]
    private static partial Regex Option();

    [GeneratedRegex("`([A-Z][A-Za-z0-9]*)`")]
    private static partial Regex Property();
}
