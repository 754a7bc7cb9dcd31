using System.Text.RegularExpressions;

namespace OrtDpo.Cli.Tests.House;

/// <summary>Which assembly may know which. A new reference is a decision: it is added here, and its reason to docs/decisions.</summary>
public sealed partial class DependencyTests
{
    static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Tokenizers"] = [],
        ["ChatTemplates"] = [],
        ["Safetensors"] = [],
        ["Adapters"] = ["Safetensors"],
        ["Quantization"] = [],
        ["Autodiff"] = [],
        ["Batches"] = [],
        ["Runs"] = [],
        ["Objectives"] = ["Autodiff"],
        ["Artifacts"] = ["Models", "Objectives", "Runs", "Tokenizers"],
        ["Models"] = ["Adapters", "Autodiff", "Batches", "Quantization", "Safetensors"],
        ["Data"] = ["Batches", "ChatTemplates", "Runs", "Tokenizers"],
        ["Training"] = ["Batches", "Runs"],
        ["Logs"] = ["Training"],
        ["Runtime"] = ["Models"],
        ["Precompute"] = ["Data", "Runtime"],
        // The program of the on-device engine is started, and not linked.
        ["Train"] = ["Artifacts", "Data", "Logs", "Objectives", "Runtime", "Train.OnDevice", "Training"],
        ["Train.OnDevice"] = ["Artifacts", "Training"],
        ["Export"] = ["Data", "Runtime"],
        ["Generate"] = ["Data", "Runtime"],
        ["Page"] = ["Artifacts", "Train"],
        ["Demo"] = ["Export", "Generate", "Precompute", "Train"],
        ["Ship"] = ["Export", "Train"],
        ["Cli"] = ["Artifacts", "Demo", "Export", "Generate", "Page", "Precompute", "Ship", "Train"],
    };

    [Fact]
    public void Every_assembly_references_what_it_may_and_nothing_else()
    {
        var found = Directory.EnumerateFiles(Repository.Find("src"), "*.csproj", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetFileNameWithoutExtension(file)!,
            file => Reference().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value).Order().ToArray());
        Assert.Equal(Allowed.Keys.Order(), found.Keys.Order());
        foreach (var (name, references) in found)
        {
            Assert.True(
                references.SequenceEqual(Allowed[name]),
                $"{name} references {string.Join(", ", references)}; expected {string.Join(", ", Allowed[name])}.");
        }
    }

    [Theory]
    [InlineData("Spectre.Console")]
    [InlineData("System.CommandLine")]
    public void Only_the_command_line_needs_the_console(string package) =>
        Assert.Equal(["Cli"], Users(package));

    [Theory]
    [InlineData("Apache.Arrow")]
    [InlineData("Apache.Arrow.Compression")]
    [InlineData("Parquet.Net")]
    [InlineData("Sep")]
    [InlineData("ZstdSharp.Port")]
    public void Only_data_needs_the_kinds_of_files(string package) => Assert.Equal(["Data"], Users(package));

    [Fact]
    public void Libraries_leave_the_choice_of_a_native_runtime_to_programs() =>
        Assert.Equal(["Cli"], Directory.EnumerateFiles(Repository.Find("src"), "*.csproj", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("<RunsOnnxRuntime>", StringComparison.Ordinal))
            .Select(file => Path.GetFileNameWithoutExtension(file)!));

    static IEnumerable<string> Users(string package) =>
        Directory.EnumerateFiles(Repository.Find("src"), "*.csproj", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains($"PackageReference Include=\"{package}\"", StringComparison.Ordinal))
            .Select(file => Path.GetFileNameWithoutExtension(file)!)
            .Order();

    [GeneratedRegex("ProjectReference Include=\"[^\"]*/([^/\"]+)\\.csproj\"")]
    private static partial Regex Reference();
}
