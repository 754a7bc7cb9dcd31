using System.Buffers.Binary;
using System.Text;

namespace OrtDpo.Tokenizers.Tests;

public sealed class SentencePieceModelTests
{
    const int Bpe = 2;

    [Fact]
    public void A_model_of_a_few_pieces_merges_the_highest_score_first()
    {
        var tokenizer = Load(Model(Bpe));

        // "▁ab": "ab" (score −1) before "▁a" (score −2).
        Assert.Equal([1, 3, 7], tokenizer.Encode("ab"));
        // "▁a" is all that can merge here; c is no piece and has no bytes.
        Assert.Equal([1, 6, 0], tokenizer.Encode("ac"));
        Assert.Equal([1, 3, 5, 4, 2], tokenizer.Encode("ba</s>"));
        Assert.Equal("ab", tokenizer.Decode(tokenizer.Encode("ab")));
    }

    [Theory]
    [InlineData(1, "Unigram")]
    [InlineData(3, "Word")]
    public void Other_algorithms_are_refused_by_name(int algorithm, string name) =>
        Assert.Contains(name, Assert.Throws<NotSupportedException>(() => Load(Model(algorithm))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_model_that_normalizes_is_refused_by_name()
    {
        byte[] model = [.. Model(Bpe), .. Message(3, [.. Text(1, "nmt_nfkc"), .. Number(4, 0)])];

        Assert.Contains("'nmt_nfkc'", Assert.Throws<NotSupportedException>(() => Load(model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_breaks_off_anywhere_is_refused()
    {
        var whole = File.ReadAllBytes(Path.Combine(SharedData.Folder("stories260K"), "tokenizer.model"));

        foreach (var length in Enumerable.Range(1, 60).Select(i => (i * 123) + 1))
        {
            var error = Record.Exception(() => Load(whole[..length]));
            // Cut between two pieces the protobuf is whole, but it no longer says that it is BPE.
            Assert.True(error is InvalidDataException or NotSupportedException, $"{length} bytes: {error}");
        }
    }

    static ModelTokenizer Load(byte[] model)
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.model", model);
        return ModelTokenizer.Load(folder.Path);
    }

    // The format's field numbers: pieces 1 (text 1, score 2, kind 3), trainer 2 (algorithm 3), normalizer 3 (extra spaces 4).
    static byte[] Model(int algorithm) =>
    [
        .. Piece("<unk>", 0, 2), .. Piece("<s>", 0, 3), .. Piece("</s>", 0, 3), .. Piece("▁", -3, 1), .. Piece("a", -4, 1),
        .. Piece("b", -5, 1),
        .. Piece("▁a", -2, 1), .. Piece("ab", -1, 1), .. Message(2, Number(3, (byte)algorithm)), .. Message(3, Number(4, 0)),
    ];

    static byte[] Piece(string text, float score, byte kind)
    {
        var bits = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bits, score);
        return Message(1, [.. Text(1, text), (2 << 3) | 5, .. bits, .. Number(3, kind)]);
    }

    static byte[] Text(byte field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    static byte[] Number(byte field, byte value) => [(byte)(field << 3), value];

    static byte[] Message(byte field, byte[] content) => [(byte)((field << 3) | 2), (byte)content.Length, .. content];
}
