using System.IO.Compression;
using System.Text;

namespace OrtDpo.Data.Tests;

public sealed class PairFileTests : IDisposable
{
    const string Row = """{"prompt": "p", "chosen": "c", "rejected": "r"}""";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(Row + "\n" + Row)]
    [InlineData(Row + "\r\n\r\n" + Row + "\n")]
    [InlineData("\uFEFF  \n" + Row + "\n" + Row + "\n")]
    [InlineData("[" + Row + ",\n " + Row + "]\n")]
    [InlineData(" [\n" + Row + "\n,\n" + Row + "\n]")]
    public void Json_and_json_lines_are_told_apart_by_their_contents(string text)
    {
        var rows = Read(folder.Write("data.json", text));
        Assert.Equal(2, rows.Count);
        Assert.All(rows, row => Assert.Equal(("p", "c", "r"), (row.Prompt, row.Chosen, row.Rejected)));
    }

    [Fact]
    public void Rows_are_numbered_by_line_in_json_lines_and_by_place_in_an_array()
    {
        Assert.Equal([1, 3], Read(folder.Write("a.jsonl", $"{Row}\n\n{Row}\n")).Select(r => r.SourceRow));
        Assert.Equal([1, 2], Read(folder.Write("a.json", $"[\n\n{Row},\n\n{Row}]")).Select(r => r.SourceRow));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(400)]
    [InlineData(70_000)]
    public void Rows_of_any_length_come_through_the_buffer_unchanged(int letters)
    {
        // Two-byte characters, so that buffer ends fall inside characters.
        var long1 = new string('é', letters);
        var lines = Enumerable.Range(0, 20).Select(i => $$"""{"prompt": "{{i}}", "chosen": "{{long1}}{{i}}", "rejected": "r"}""").ToList();
        var files = new[]
        {
            folder.Write("a.jsonl", string.Join('\n', lines)),
            folder.Write("a.json", $"[{string.Join(",\n", lines)}]"),
            Gzip("b.jsonl.gz", string.Join('\n', lines)),
            Gzip("b.json.gz", $"[{string.Join(",\n", lines)}]"),
        };
        foreach (var file in files)
        {
            Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{long1}{i}"), Read(file).Select(r => r.Chosen));
        }
    }

    [Fact]
    public void A_gzip_file_of_several_members_is_read_whole()
    {
        var path = folder.File("two.jsonl.gz");
        File.WriteAllBytes(path, [.. Compressed(Row + "\n"), .. Compressed(Row)]);
        Assert.Equal(2, Read(path).Count);
    }

    [Fact]
    public void A_gzip_file_cut_at_any_byte_is_refused_by_name()
    {
        var whole = Compressed(
            string.Join('\n', Enumerable.Range(0, 30).Select(i => Row.Replace("c\"", $"c{i * 7919}\"", StringComparison.Ordinal))));
        for (var length = 2; length < whole.Length; length++)
        {
            var path = folder.Write("cut.jsonl.gz", whole[..length]);
            var e = Assert.Throws<InvalidDataException>(() => Read(path));
            Assert.Contains("cut.jsonl.gz is damaged or cut short", e.Message, StringComparison.Ordinal);
        }
    }

    // Bytes of the header, such as the time, may change without harm.
    [Fact]
    public void A_gzip_file_with_a_changed_byte_is_refused_or_reads_as_before()
    {
        var text = string.Join('\n', Enumerable.Range(0, 30).Select(i => Row.Replace("c\"", $"c{i * 7919}\"", StringComparison.Ordinal)));
        var whole = Compressed(text);
        var expected = Read(folder.Write("whole.jsonl.gz", whole)).Select(row => row.Chosen).ToList();
        for (var at = 3; at < whole.Length; at++)
        {
            byte[] changed = [.. whole];
            changed[at] ^= 0x10;
            var path = folder.Write("changed.jsonl.gz", changed);
            try
            {
                Assert.Equal(expected, Read(path).Select(row => row.Chosen));
            }
            catch (InvalidDataException e)
            {
                Assert.Contains("changed.jsonl.gz is damaged or cut short", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("""{"prompt": "p", "chosen": "c"}""", "line 2: 'rejected' is missing (found: prompt, chosen)")]
    [InlineData("""{"prompt": "p", "chosen": "c", "rejected": null}""", "line 2: 'rejected' is null")]
    [InlineData("""{"prompt": 3, "chosen": "c", "rejected": "r"}""", "line 2: 'prompt' is a number")]
    [InlineData("""["p", "c", "r"]""", "line 2: the row is a list")]
    [InlineData("""{"prompt": "p", "chosen": "c", "rejected": "r" """, "line 2: not valid JSON")]
    [InlineData("""{"prompt": "p", "chosen": "c", "chosen": "d", "rejected": "r"}""", "line 2: not valid JSON")]
    [InlineData("""{"prompt": "p", "chosen": "\ud83d", "rejected": "r"}""", "line 2: 'chosen' holds half of a surrogate pair")]
    [InlineData("""{"chosen": "c", "rejected": "r"}""",
        "line 2: the row is a pair whose texts begin with the prompt ('chosen' and 'rejected' without 'prompt'), and")]
    public void A_bad_row_is_refused_by_file_and_line(string bad, string expected)
    {
        var path = folder.Write("bad.jsonl", $"{Row}\n{bad}\n{Row}\n");
        var e = Assert.Throws<InvalidDataException>(() => Read(path));
        Assert.StartsWith(path + " line 2:", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[" + Row + ",\n\n {\"chosen\": \"c\"}]", "row 2 (line 3): 'rejected' is missing")]
    [InlineData("[" + Row + ",\n" + Row + "\n", "line 3: not valid JSON")]
    [InlineData("[" + Row + "]\n[]", "line 2: not valid JSON")]
    [InlineData("[" + Row + ",\n{\"prompt\":\n oops}]", "line 3: not valid JSON")]
    [InlineData("[]", "has no rows")]
    [InlineData("   \n", "is empty")]
    [InlineData("prompt,chosen,rejected\n", "begins with the byte 0x70")]
    public void A_bad_array_or_file_is_refused_with_its_line(string text, string expected)
    {
        var e = Assert.Throws<InvalidDataException>(() => Read(folder.Write("bad.json", text)));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused_with_their_line()
    {
        var path = folder.Write("latin1.jsonl", Encoding.Latin1.GetBytes($"{Row}\n{Row.Replace('p', 'é')}\n"));
        var e = Assert.Throws<InvalidDataException>(() => Read(path));
        Assert.Contains("line 2: the bytes are not valid UTF-8", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"prompt": "p", "chosen": [{"role": "user", "content": "x"}], "rejected": []}""", "messages")]
    [InlineData("""{"conversations": [], "chosen": {"from": "gpt", "value": "x"}, "rejected": {"from": "gpt", "value": "y"}}""",
        "messages")]
    public void Known_data_of_other_kinds_is_refused_by_its_kind(string text, string kind)
    {
        var e = Assert.Throws<NotSupportedException>(() => Read(folder.Write("other.jsonl", text)));
        Assert.Contains(kind, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"prompt": "p", "completion": "c", "label": true}""", "unpaired feedback ('completion' and 'label')")]
    [InlineData("""{"prompt": "p", "completion": "c", "label": null}""", "a supervised row ('completion' or 'messages' without 'label')")]
    [InlineData("""{"messages": []}""", "a supervised row ('completion' or 'messages' without 'label'), as messages")]
    public void Rows_of_another_kind_are_named_where_pairs_are_wanted(string row, string kind)
    {
        var path = folder.Write("other.jsonl", row);
        var e = Assert.Throws<InvalidDataException>(() => Read(path));
        Assert.StartsWith(
            $"{path} line 1: the row is {kind}. Each row needs the strings 'prompt', 'chosen' and 'rejected'",
            e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_refused_by_name() =>
        Assert.Contains(
            "nope.jsonl",
            Assert.Throws<FileNotFoundException>(() => PairFile.Read("nope.jsonl", "nope.jsonl")).Message, StringComparison.Ordinal);

    static List<ExampleText> Read(string path) => [.. PairFile.Read(path, Path.GetFileName(path))];

    string Gzip(string name, string text) => folder.Write(name, Compressed(text));

    static byte[] Compressed(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }
}
