using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ZstdSharp;

namespace OrtDpo.Data.Tests;

/// <summary>Comma- and tab-separated files, and compressed ones.</summary>
public sealed class CsvRowsTests : IDisposable
{
    const string Row = """{"prompt": "p", "chosen": "c", "rejected": "r"}""";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Cells_in_quotes_hold_separators_quotes_and_line_breaks()
    {
        var path = folder.Write("a.csv", "\uFEFFprompt,chosen,rejected\r\n\"a, \"\"b\"\"\",\"c\r\nd\",\r\n\r\n42,true,\"\"\n");

        var rows = JsonRows.Read(path).Select(row => (row.Where, row.Value.GetRawText())).ToList();

        Assert.Equal(
            [
                ($"{path} line 2", """{"prompt":"a, \u0022b\u0022","chosen":"c\r\nd","rejected":""}"""),
                ($"{path} line 5", """{"prompt":"42","chosen":"true","rejected":""}"""),
            ],
            rows);
    }

    [Fact]
    public void Tabs_separate_where_the_name_says_so_and_columns_without_a_name_are_passed_over() => Assert.Equal(
        ["""{"prompt":"a, b","completion":"c","label":true}""", """{"prompt":"d","completion":"e","label":false}"""],
        Rows("a.tsv", "\tprompt\tcompletion\tlabel\n0\ta, b\tc\tTrue\n1\td\te\tFALSE"));

    // As pandas types a column: 1 is a number, and what JSON says of a label that is a number holds.
    [Theory]
    [InlineData("true", "true")]
    [InlineData("False", "false")]
    [InlineData("1", "1")]
    [InlineData("0.5", "0.5")]
    [InlineData("", "null")]
    [InlineData("good", "\"good\"")]
    public void A_label_is_a_truth_value_or_a_number_where_it_reads_as_one(string cell, string json)
    {
        Assert.Equal([$$"""{"completion":"c","label":{{json}}}"""], Rows("a.csv", $"completion,label\nc,{cell}\n"));
        using var renamed = JsonDocument.Parse(Rows("b.csv", $"completion,liked\nc,{cell}\n", ColumnNames.Parse("label=liked")).Single());
        Assert.Equal(json, renamed.RootElement.GetProperty("label").GetRawText());
    }

    [Fact]
    public void A_list_of_messages_is_read_as_json_and_other_brackets_are_text()
    {
        const string Messages = """[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]""";

        var cell = Messages.Replace("\"", "\"\"", StringComparison.Ordinal);
        Assert.Equal([$$"""{"messages":{{Messages}}}"""], Rows("a.csv", $"messages\n\"{cell}\"\n"));
        Assert.Equal(
            ["""{"prompt":"[1, 2] is","chosen":"{}","rejected":"[1]"}"""], Rows("b.csv", "prompt,chosen,rejected\n\"[1, 2] is\",{},[1]\n"));
    }

    [Theory]
    [InlineData("a,b\n\"[{'role': 'user', 'content': 'x'}]\",c", "line 2: 'a' holds a list as Python prints it")]
    [InlineData("a,b\nc,d\ne\n", "line 3: the row has 1 cells, and the file's first line names 2 columns")]
    [InlineData("a,b\nc,\"d\ne,f\ng,h\n", "line 2: a quote stands in a cell that is not wholly in quotes, or is never closed")]
    [InlineData("a,b\n5\" screen,d\n", "line 2: a quote stands in a cell")]
    [InlineData("a,b\n\"c\"d,e\n", "line 2: a quote stands in a cell")]
    [InlineData("a,b,a\nc,d,e\n", "line 1: the column 'a' is named 2 times")]
    public void What_cannot_be_told_is_refused_by_line(string text, string expected)
    {
        var path = folder.Write("a.csv", text);
        var error = Assert.Throws<InvalidDataException>(() => JsonRows.Read(path, ColumnNames.Parse("chosen=a,rejected=b")).Count());

        Assert.StartsWith($"{path} {expected}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused_with_their_line()
    {
        var path = folder.Write("a.csv", Encoding.Latin1.GetBytes("prompt,completion\na,b\nc,é\n"));
        var error = Assert.Throws<InvalidDataException>(() => JsonRows.Read(path).Count());

        Assert.StartsWith($"{path} line 3: the bytes are not valid UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.jsonl.zst", Row + "\n" + Row + "\n")]
    [InlineData("a.json.zst", "[" + Row + ",\n" + Row + "]")]
    [InlineData("a.csv.zst", "prompt,chosen,rejected\np,c,r\np,c,r\n")]
    [InlineData("a.ndjson", Row + "\n" + Row + "\n")]
    [InlineData("a.tsv.gz", "prompt\tchosen\trejected\np\tc\tr\np\tc\tr\n")]
    public void Compressed_and_further_kinds_are_read_by_their_first_bytes(string name, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var path = folder.Write(name, name.EndsWith("zst", StringComparison.Ordinal) ? Zstd(bytes)
            : name.EndsWith("gz", StringComparison.Ordinal) ? Gzip(bytes)
            : bytes);

        var rows = PairFile.Read(path, "a").ToList();

        Assert.Equal(2, rows.Count);
        Assert.All(rows, row => Assert.Equal(("p", "c", "r"), (row.Prompt, row.Chosen, row.Rejected)));
    }

    [Fact]
    public void A_zstd_file_of_several_frames_is_read_whole()
    {
        var frame = Zstd(Encoding.UTF8.GetBytes(Row + "\n"));
        Assert.Equal(2, PairFile.Read(folder.Write("a.jsonl.zst", [.. frame, .. frame]), "a").Count());
    }

    [Fact]
    public void A_zstd_file_cut_at_any_byte_is_refused_by_name()
    {
        var text = string.Join('\n', Enumerable.Range(0, 30).Select(i => Row.Replace("c\"", $"c{i * 7919}\"", StringComparison.Ordinal)));
        var whole = Zstd(Encoding.UTF8.GetBytes(text));
        for (var length = 5; length < whole.Length; length++)
        {
            var path = folder.Write("cut.jsonl.zst", whole[..length]);
            var error = Assert.Throws<InvalidDataException>(() => PairFile.Read(path, "a").Count());
            Assert.Contains("cut.jsonl.zst is damaged or cut short", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_zstd_file_with_a_changed_byte_is_refused_or_reads_on()
    {
        var whole = Zstd(Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat(Row, 20))));
        for (var at = 4; at < whole.Length; at++)
        {
            byte[] changed = [.. whole];
            changed[at] ^= 0x10;
            try
            {
                _ = PairFile.Read(folder.Write("changed.jsonl.zst", changed), "a").Count();
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Fact]
    public void Text_in_utf16_is_called_that()
    {
        var path = folder.Write("a.jsonl", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Row)]);
        var error = Assert.Throws<InvalidDataException>(() => JsonRows.Read(path).Count());

        Assert.StartsWith($"{path} is UTF-16", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_inside_gzip_is_refused_in_a_sentence()
    {
        var path = folder.Write("a.parquet.gz", Gzip([.. "PAR1"u8, 1, 2, 3]));
        var error = Assert.Throws<NotSupportedException>(() => JsonRows.Read(path).Count());

        Assert.Equal($"{path} is Parquet or Arrow inside gzip or zstd, which is not read. Unpack it first.", error.Message);
    }

    List<string> Rows(string name, string text, ColumnNames? names = null) =>
        [.. JsonRows.Read(folder.Write(name, text), names).Select(row => row.Value.GetRawText())];

    static byte[] Zstd(byte[] text)
    {
        using var compressor = new Compressor();
        return compressor.Wrap(text).ToArray();
    }

    static byte[] Gzip(byte[] text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(text);
        }

        return bytes.ToArray();
    }
}
