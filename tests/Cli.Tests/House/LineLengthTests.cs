namespace OrtDpo.Cli.Tests.House;

/// <summary><c>max_line_length</c> of <c>.editorconfig</c>, which neither the compiler nor <c>dotnet format</c> looks at.</summary>
public sealed class LineLengthTests
{
    const int Limit = 140;

    static readonly string[] Folders = ["src", "tests", "bench", "models", "eng"];

    // Generated code has its generator's lines; a program of tests/golden stays as it was when it made what lies beside it.
    static readonly string[] Exempt = [Repository.Find("src", "Autodiff", "Onnx", "Generated"), Repository.Find("tests", "golden")];

    [Fact]
    public void No_line_of_source_is_longer_than_140_characters()
    {
        var longer = Folders.SelectMany(folder => Sources(Repository.Find(folder))).SelectMany(file => File.ReadLines(file)
            .Select((line, index) => (line.Length, Place: $"{Path.GetRelativePath(Repository.Root, file)}:{index + 1}"))
            .Where(line => line.Length > Limit)
            .Select(line => $"{line.Place} has {line.Length} characters"))
            .ToList();
        Assert.True(longer.Count == 0, $"A line has at most {Limit} characters. Wrap\n{string.Join('\n', longer)}");
    }

    static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Exempt.Any(part => file.StartsWith(part + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal);
}
