using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace OrtDpo.Data.Tests;

public sealed class ArrowRowsTests : IDisposable
{
    static readonly string[] Names = ["prompt", "chosen", "rejected"];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, null)]
    [InlineData(true, CompressionCodecType.Zstd)]
    [InlineData(false, CompressionCodecType.Lz4Frame)]
    public void Both_forms_of_arrow_give_the_rows_of_all_batches(bool isStream, CompressionCodecType? codec)
    {
        RecordBatch[] batches =
        [
            ArrowTable.Texts(Names, ["p1", "c1", "r1"], ["p2", "é😀", "r2"]), ArrowTable.Texts(Names, ["p3", "c3", "r3"]),
        ];
        var path = folder.Write("any.name", isStream ? ArrowTable.Stream(batches, codec) : ArrowTable.File(batches, codec));

        var rows = PairFile.Read(path, "a").ToList();

        Assert.Equal([("p1", "c1", "r1"), ("p2", "é😀", "r2"), ("p3", "c3", "r3")], rows.Select(r => (r.Prompt, r.Chosen, r.Rejected!)));
        Assert.Equal([1L, 2, 3], rows.Select(r => r.SourceRow));
    }

    [Fact]
    public void A_message_that_claims_more_than_the_file_holds_is_refused_before_there_is_room_for_it()
    {
        var bytes = ArrowTable.Stream([ArrowTable.Texts(Names, ["p", "c", "r"])]);
        // Behind the mark stands the length of the first message.
        BitConverter.GetBytes(int.MaxValue - 7).CopyTo(bytes, 4);
        var path = folder.Write("a.arrow", bytes);

        var error = Assert.Throws<InvalidDataException>(() => PairFile.Read(path, "a").Count());

        Assert.Contains($"a message claims {int.MaxValue - 7} bytes of {bytes.Length}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_value_comes_as_the_json_that_stands_for_it()
    {
        var message = new StructType([new Field("role", StringType.Default, true), new Field("at", TimestampType.Default, true)]);
        var list = new ListType(new Field("item", message, true));
        var roles = ArrowTable.Text(["user", "assistant", null]);
        var times = new TimestampArray.Builder().AppendNull().AppendNull().AppendNull().Build();
        var items = new StructArray(message, 3, [roles, times], ArrowBuffer.Empty, 0);
        var offsets = new ArrowBuffer.Builder<int>().Append(0).Append(2).Append(2).Append(3).Build();
        var dictionary = new DictionaryType(Int8Type.Default, StringType.Default, false);
        var json = new Field("json", StringType.Default, true, [new("ARROW:extension:name", "arrow.json")]);
        (Field Field, IArrowArray Values)[] columns =
        [
            (new("text", StringType.Default, true), ArrowTable.Text(["a", null, ""])),
            (new("flag", BooleanType.Default, true), new BooleanArray.Builder().Append(true).Append(false).AppendNull().Build()),
            (new("small", UInt8Type.Default, true), new UInt8Array.Builder().Append(1).Append(255).AppendNull().Build()),
            (new("large", Int64Type.Default, true), new Int64Array.Builder().Append(long.MinValue).Append(0).AppendNull().Build()),
            (new("half", HalfFloatType.Default, true),
                new HalfFloatArray.Builder().Append((Half)0.5).Append(Half.NaN).AppendNull().Build()),
            (new("share", FloatType.Default, true), new FloatArray.Builder().Append(0.1f).Append(-2).AppendNull().Build()),
            (new("coded", dictionary, true), new DictionaryArray(
                dictionary, new Int8Array.Builder().Append(1).Append(0).Append(1).Build(), ArrowTable.Text(["x", "y"]))),
            (json, ArrowTable.Text(["{\"a\": [1]}", "null", null])),
            (new("turns", list, true), new ListArray(list, 3, offsets, items, ArrowBuffer.Empty, 0)),
            (new("nothing", NullType.Default, true), new NullArray(3)),
            (new("day", Date32Type.Default, true), new Date32Array.Builder().AppendNull().AppendNull().AppendNull().Build()),
        ];
        var batch = new RecordBatch(new Schema(columns.Select(c => c.Field), null), columns.Select(c => c.Values), 3);
        var unread = new List<UnreadColumn>();
        foreach (var bytes in new[] { ArrowTable.Stream([batch]), ArrowTable.File([batch]) })
        {
            var rows = FileRows.Read(folder.Write("a.arrow", bytes), new ColumnChoice(null, unread.Add))
                .Select(row => row.Value.GetRawText());

            Assert.Equal(
                [
                    """{"text":"a","flag":true,"small":1,"large":-9223372036854775808,"half":0.5,"share":0.1,"coded":"y","""
                        + "\"json\":{\"a\": [1]},\"turns\":[{\"role\":\"user\"},{\"role\":\"assistant\"}],\"nothing\":null}",
                    """{"text":null,"flag":false,"small":255,"large":0,"half":null,"share":-2,"coded":"x","json":null,"""
                        + "\"turns\":[],\"nothing\":null}",
                    """{"text":"","flag":null,"small":null,"large":null,"half":null,"share":null,"coded":"y","json":null,"""
                        + "\"turns\":[{\"role\":null}],\"nothing\":null}",
                ],
                rows);
        }

        Assert.Equal(["turns/item/at", "day"], unread.Take(2).Select(column => column.Name));
    }

    [Fact]
    public void A_column_that_is_asked_for_is_refused_by_name_and_type()
    {
        var schema = new Schema([new Field("chosen", BinaryType.Default, true), new Field("rejected", StringType.Default, true)], null);
        var batch = new RecordBatch(schema, [new BinaryArray.Builder().Append(1).Build(), ArrowTable.Text(["r"])], 1);
        var path = folder.Write("a.arrow", ArrowTable.Stream([batch]));

        var error = Assert.Throws<NotSupportedException>(() => JsonRows.Read(path).Count());

        Assert.StartsWith($"{path}: column 'chosen' has the type binary, which is not read.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_is_not_utf8_is_refused()
    {
        var bytes = ArrowTable.Stream([ArrowTable.Texts(Names, ["prompt text", "chosen text", "rejected text"])]);
        bytes[bytes.AsSpan().IndexOf("chosen text"u8)] = 0xFF;

        var error = Assert.Throws<InvalidDataException>(() => JsonRows.Read(folder.Write("a.arrow", bytes)).Count());

        Assert.Contains("a text of column 'chosen' is not valid UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_with_bytes_changed_or_cut_off_is_refused_or_read_and_never_ends_the_program(bool isStream)
    {
        RecordBatch[] batches = [ArrowTable.Texts(Names, ["p1", "c1", "r1"], ["p2", "c2", "r2"])];
        var whole = isStream ? ArrowTable.Stream(batches) : ArrowTable.File(batches);
        for (var at = 0; at < whole.Length; at += 7)
        {
            byte[] changed = [.. whole];
            changed[at] ^= 0x40;
            ReadOrRefuse(folder.Write("changed.arrow", changed));
            ReadOrRefuse(folder.Write("cut.arrow", whole[..at]));
        }
    }

    static void ReadOrRefuse(string path)
    {
        try
        {
            _ = PairFile.Read(path, "a").Count();
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
        }
    }
}
