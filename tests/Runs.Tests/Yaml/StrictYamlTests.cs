using OrtDpo.Runs.Yaml;

namespace OrtDpo.Runs.Tests.Yaml;

public sealed class StrictYamlTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Names_and_values_have_their_places_and_their_text_as_it_is_written()
    {
        var found = Read("a: 1.10\nb:\n  - x\n  - 'y'\nc: {d: \"e\"}\n");
        Assert.Equal(["a", "b", "c"], found.Entries.Select(entry => entry.Name));
        Assert.Equal(new YamlScalar("1.10", true, new YamlPlace(1, 4)), found.Entries[0].Value);
        var list = Assert.IsType<YamlList>(found.Entries[1].Value);
        Assert.Equal([new YamlScalar("x", true, new YamlPlace(3, 5)), new YamlScalar("y", false, new YamlPlace(4, 5))], list.Items);
        var mapping = Assert.IsType<YamlMapping>(found.Entries[2].Value);
        Assert.Equal(new YamlEntry("d", new YamlScalar("e", false, new YamlPlace(5, 8)), new YamlPlace(5, 5)), mapping.Entries.Single());
    }

    // YAML 1.2, 10.3.2: the core schema.
    [Theory]
    [InlineData("0", true, true, true)]
    [InlineData("-17", true, true, true)]
    [InlineData("+17", true, true, true)]
    [InlineData("1.5", false, true, true)]
    [InlineData(".5", false, true, true)]
    [InlineData("1.", false, true, true)]
    [InlineData("1e-6", false, true, true)]
    [InlineData("12e03", false, true, true)]
    [InlineData("-2E+05", false, true, true)]
    [InlineData("0o14", false, false, true)]
    [InlineData("0x1F", false, false, true)]
    [InlineData(".inf", false, false, true)]
    [InlineData("-.Inf", false, false, true)]
    [InlineData(".NaN", false, false, true)]
    [InlineData("true", false, false, true)]
    [InlineData("False", false, false, true)]
    [InlineData("null", false, false, true)]
    [InlineData("~", false, false, true)]
    [InlineData("yes", false, false, false)]
    [InlineData("no", false, false, false)]
    [InlineData("on", false, false, false)]
    [InlineData("tRUE", false, false, false)]
    [InlineData("1:30", false, false, false)]
    [InlineData("1_000", false, false, false)]
    [InlineData("2026-01-31", false, false, false)]
    [InlineData("NaN", false, false, false)]
    [InlineData("1e", false, false, false)]
    [InlineData("e5", false, false, false)]
    [InlineData(".", false, false, false)]
    [InlineData("0o8", false, false, false)]
    [InlineData("'17'", false, false, false)]
    [InlineData("\"true\"", false, false, false)]
    public void A_value_is_of_the_type_that_the_core_schema_gives_it(string text, bool isWhole, bool isNumber, bool isNoText)
    {
        var scalar = Assert.IsType<YamlScalar>(Read($"a: {text}").Entries[0].Value);
        Assert.Equal((isWhole, isNumber, isNoText), (scalar.IsWholeNumber, scalar.IsNumber, scalar.IsNoText));
    }

    [Theory]
    [InlineData("017", true)]
    [InlineData("-010", true)]
    [InlineData("00", true)]
    [InlineData("0", false)]
    [InlineData("-0", false)]
    [InlineData("0.7", false)]
    [InlineData("107", false)]
    public void Zeros_before_a_whole_number_are_octal_in_older_yaml(string text, bool isOctal) =>
        Assert.Equal(isOctal, Assert.IsType<YamlScalar>(Read($"a: {text}").Entries[0].Value).IsOctalInOlderYaml);

    [Theory]
    [InlineData("a: 1\nb: {c: 1, c: 2}", "line 2 column 11: 'c' is there already, in line 2. Remove one of them.")]
    [InlineData("a: [b, &c d]", "line 1 column 8: found the anchor &c. Leave it out: anchors are not read.")]
    [InlineData("&k a: 1", "line 1 column 1: found the anchor &k. Leave it out: anchors are not read.")]
    [InlineData("a: [*c]", "line 1 column 5: found the alias *c. Write the value out: aliases are not read.")]
    [InlineData("a: !x 1", "line 1 column 4: found the tag !x. Leave it out: ")]
    [InlineData("a: 1\n b: 2", "line 2 column ")]
    [InlineData("a: \"1", "line 1 column ")]
    [InlineData("a:\n\t- 1", "line 1 column ")]
    [InlineData("a: [1,\nb: 2", "line 1 column 5: found no YAML behind this. ")]
    [InlineData("%YAML 1.3\n---\na: 1", "line 1 column 1: found YAML 1.3. Expected 1.2")]
    public void What_means_more_than_it_says_is_refused(string text, string expected)
    {
        var path = folder.Write("file.yaml", text);
        Assert.StartsWith(
            $"{path} {expected}", Assert.Throws<InvalidDataException>(() => StrictYaml.Read(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# a: 1\n")]
    [InlineData("\n\n")]
    public void A_file_without_anything_holds_nothing(string text) => Assert.Null(StrictYaml.Read(folder.Write("file.yaml", text)));

    [Theory]
    [InlineData("%YAML 1.2\n---\na: 1\n...\n")]
    [InlineData("\uFEFFa: 1")]
    [InlineData("a: 1\r\n")]
    [InlineData("{a: 1}")]
    public void The_same_is_the_same_however_it_is_framed(string text) =>
        Assert.Equal("1", Assert.IsType<YamlScalar>(Read(text).Entries.Single().Value).Text);

    [Fact]
    public void No_text_whatever_does_more_than_to_be_refused()
    {
        string[] parts =
        [
            "a", ": ", "\n", "- ", "[", "]", "{", "}", ",", "'", "\"", "|", ">", "&x", "*x", "!t", "%YAML 1.2", "---", "...", "#", "  ",
            "\t", "?", "<<", "1e-6", "~", "@", "`", "\\x", "\r", "\0", "\uFEFF", "\u2028", "é",
        ];
        var random = new Random(16);
        var (read, refused) = (0, 0);
        for (var i = 0; i < 600; i++)
        {
            var path = folder.Write(
                "file.yaml", string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => parts[random.Next(parts.Length)])));
            try
            {
                StrictYaml.Read(path);
                read++;
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith($"{path} line ", e.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.True(read > 10 && refused > 10, $"{read} were read and {refused} refused.");
    }

    YamlMapping Read(string text) => StrictYaml.Read(folder.Write("file.yaml", text))!;
}
