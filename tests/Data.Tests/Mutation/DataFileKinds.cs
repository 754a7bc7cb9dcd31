using System.IO.Compression;
using System.Text;
using Apache.Arrow.Ipc;
using OrtDpo.ChatTemplates.Tests;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data.Tests.Mutation;

/// <summary>Files of rows.</summary>
static class DataFileKinds
{
    const string Pairs = """
        {"prompt": "\u00e9\ud83d\ude00 p", "chosen": "c é", "rejected": "r", "score_ratio": 2.5, "meta": {"a": [1, null, true]}}
        {"prompt": "q", "chosen": "d", "rejected": "s", "score_ratio": null, "id": 12}

        """;

    const string Messages = """
        {"chosen": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
         "rejected": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "c"}],
         "tools": "[{\"type\": \"function\", \"function\": {\"name\": \"f\"}}]"}
        """;

    const string Conversations =
        """{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}], "tools": "[{}]", "system": "s"}""";

    const string Feedback = """{"prompt": [{"role": "user", "content": "a"}], "completion": "b", "label": true}""";

    const string Ranked = """
        {"info": {"post": "a", "subreddit": "b", "title": "c"}, "summaries": [{"text": "d"}, {"text": "e"}], "choice": 1}
        {"info": {"post": "f", "subreddit": "g", "title": "h"}, "summaries": [{"text": "i"}, {"text": "j"}], "choice": 0}
        """;

    const string Separated = "prompt,chosen,rejected,score_ratio\n\"a\"\"b\",c,\"d\ne\",1.5\n\"[{\"\"role\"\": \"\"user\"\"}]\",é,f,\n";

    const string Template =
        "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";

    static readonly string[] ParquetFiles =
    [
        "human-preferences", "pairs", "summaries", "tools", "two-level-bare", "two-level-one-member", "two-level-structs",
        "two-level-values", "types", "ultrafeedback-arrow", "ultrafeedback-duckdb", "ultrafeedback-version-2",
    ];

    static byte[][] Lines => [.. new[] { Pairs, Messages, Conversations, Feedback, Ranked }.Select(Encoding.UTF8.GetBytes)];

    public static IEnumerable<FileKind> All =>
    [
        Kind("JSON Lines", "a.jsonl", Lines),
        Kind("JSON array", "a.json", [Encoding.UTF8.GetBytes($"[{Pairs.Trim().Replace("\n", ",\n", StringComparison.Ordinal)}]")]),
        Kind("gzip", "a.jsonl.gz", [.. Lines.Select(Gzip)]),
        Kind("zstd", "a.jsonl.zst", [.. Lines.Select(Zstd)]),
        Kind("CSV", "a.csv", [Encoding.UTF8.GetBytes(Separated)]),
        Kind("Parquet", "a.parquet",
            [.. ParquetFiles.Select(name => File.ReadAllBytes(Repository.Find("tests", "golden", "parquet", $"{name}.parquet")))]),
        Kind("Arrow", "a.arrow", [.. Arrow()]),
    ];

    static FileKind Kind(string name, string file, byte[][] originals) =>
        new(name, file, originals, folder => Read(new DataSource(Path.Combine(folder, file), file)));

    // As a verb does: first the kind of the rows, then the rows, by a template where they are messages.
    static void Read(DataSource source)
    {
        var conversations = new Conversations(() => Snippets.Template(Template), new EndTokens([], ["</s>"]), date: null);
        foreach (var row in RowFile.Read(source, RowFile.KindOf([source]), conversations))
        {
            _ = row.Prompt;
        }
    }

    static IEnumerable<byte[]> Arrow()
    {
        var batch = ArrowTable.Texts(
            ["prompt", "chosen", "rejected"], ["a", "b", "c"], ["é", null, new string('d', 100)], ["e", "f", "g"]);
        foreach (var codec in new CompressionCodecType?[] { null, CompressionCodecType.Zstd, CompressionCodecType.Lz4Frame })
        {
            yield return ArrowTable.Stream([batch, batch], codec);
            yield return ArrowTable.File([batch, batch], codec);
        }
    }

    static byte[] Gzip(byte[] text)
    {
        using var bytes = new MemoryStream();
        using (var stream = new GZipStream(bytes, CompressionLevel.Optimal))
        {
            stream.Write(text);
        }

        return bytes.ToArray();
    }

    static byte[] Zstd(byte[] text)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(text).ToArray();
    }
}
