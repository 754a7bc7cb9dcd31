using System.IO.Compression;

namespace OrtDpo.Pipeline.Tests;

public sealed partial class BadInputTests
{
    const string Row = """{"prompt": "a", "chosen": "b", "rejected": "c"}""";

    [Fact]
    public void A_data_file_that_is_not_there()
    {
        var data = folder.File("pairs.jsonl");
        Refused(
            1,
            $"The data file {data} does not exist. "
            + "Give a JSON, JSON Lines, CSV, Parquet or Arrow file of preference pairs, unpaired feedback or supervised rows.",
            Precompute(made.Model, data));
    }

    [Theory]
    [InlineData("", " is empty; expected a JSON array or JSON Lines with one object a row.")]
    [InlineData("[]", " has no rows; expected at least one preference pair.")]
    [InlineData(Row + "\n" + """{"prompt": "a", "chosen": }""",
        " line 2: not valid JSON ('}' is an invalid start of a value). Correct the row.")]
    [InlineData(
        Row + "\n" + """{"prompt": "a", "chosen": "b"}""",
        " line 2: 'rejected' is missing (found: prompt, chosen). "
        + "Each row needs the strings 'prompt', 'chosen' and 'rejected', or 'chosen' and 'rejected' that begin with the prompt; "
        + "--columns gives columns of other names.")]
    [InlineData("prompt,chosen,rejected",
        " begins with the byte 0x70; expected '[' (a JSON array) or '{' (JSON Lines), in UTF-8, plain, gzip or zstd, Parquet or "
        + "Arrow, or a name that ends in .csv or .tsv.")]
    public void A_data_file_whose_contents_are_wrong(string text, string expected)
    {
        var data = folder.Write("pairs.jsonl", text);
        Refused(1, data + expected, Precompute(made.Model, data));
    }

    [Fact]
    public void Data_without_a_row_that_can_be_used()
    {
        var data = folder.Write("pairs.jsonl", """{"prompt": "a", "chosen": " ", "rejected": "c"}""");
        Refused(
            1,
            "No row of the data can be used. 1 row: 0 kept whole, 0 kept truncated, 1 dropped. dropped, empty_chosen: 1 (pairs.jsonl:1).",
            Precompute(made.Model, data));
    }

    [Fact]
    public void Supervised_rows_where_a_reference_is_to_score()
    {
        var data = folder.Write("rows.json", """[{"instruction": "a", "output": "b"}]""");
        Refused(
            1,
            $"{data} holds supervised rows ('completion' or 'messages' without 'label'). "
            + "A reference scores preference pairs and unpaired feedback; train on supervised rows with sft.",
            Precompute(made.Model, data));
    }

    [Fact]
    public void Held_out_rows_of_another_kind()
    {
        var data = folder.Write("held.jsonl", """{"prompt": "a", "completion": "b", "label": true}""");
        Refused(
            1,
            $"{data} line 1 is unpaired feedback ('completion' and 'label'), "
            + $"and {made.Data} line 1 is a preference pair ('chosen' and 'rejected'). "
            + "All files of a run hold rows of one kind: give each kind a run of its own.",
            [.. Precompute(made.Model, made.Data), "--eval-data", data]);
    }

    [Fact]
    public void A_supervised_row_without_a_completion()
    {
        var data = folder.Write("rows.jsonl", """{"prompt": "a", "completion": "b"}""" + "\n\n" + """{"prompt": "a"}""");
        Refused(
            1,
            $"{data} line 3: 'completion' is missing or no string. Each row needs the strings 'prompt' and 'completion'.",
            "sft", "--model", made.Model, "--data", data, "--out", Out);
    }

    [Fact]
    public void A_gzip_file_that_is_cut_short()
    {
        var data = folder.File("pairs.jsonl.gz");
        using (var gzip = new GZipStream(File.Create(data), CompressionLevel.Fastest))
        {
            gzip.Write(File.ReadAllBytes(made.Data));
        }

        Truncate(data, length => length / 2);
        Refused(
            1,
            $"{data} is damaged or cut short: its gzip data does not end as it should. Get the file again.",
            Precompute(made.Model, data));
    }
}
