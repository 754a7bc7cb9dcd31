using FsCheck;
using FsCheck.Fluent;
using OrtDpo.Tokenizers.Training;

namespace OrtDpo.Tokenizers.Tests.Training;

public sealed class BpeTrainerTests
{
    static readonly string[] Special = ["<|endoftext|>", "<|user|>", "<|assistant|>"];

    static readonly string[] Texts =
    [
        "<|user|>Why is the sky blue?<|assistant|>The sky is blue because the air scatters blue light more than red light.<|endoftext|>",
        "<|user|>How do I bake bread?<|assistant|>Mix flour, water, salt and yeast; "
            + "let the dough rest, and bake it at 230 degrees.<|endoftext|>",
        "lll llll lllll ooo oooo, banana bananas; don't they'll we've",
        "naïve café 你好 你好世界 😀😀 𝐀𝐁\n\n    indented\r\n\ttabs  end ",
    ];

    [Fact]
    public void Merges_are_those_of_recounting_every_pair_after_each_merge() =>
        Assert.Equal(NaiveBpe.Train(Texts, 120, Special), BpeTrainer.Train(Texts, 256 + 3 + 120, Special).Merges.Take(120));

    [Fact]
    public void Merges_of_random_texts_are_those_of_recounting_every_pair() => Prop.ForAll(
        Gen.Elements('a', 'b', 'c', ' ', 'é').ArrayOf().Select(c => new string(c)).ArrayOf().ToArbitrary(),
        texts => NaiveBpe.Train(texts, 40, []).SequenceEqual(BpeTrainer.Train(texts, 256 + 40, []).Merges.Take(40)))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(20240917, 1));

    [Fact]
    public void Every_text_that_was_trained_on_comes_back()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = Trained(folder, bos: null);

        Assert.All(Texts, text => Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text), skipSpecial: false)));
    }

    [Fact]
    public void Special_tokens_come_first_and_are_found_in_text()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = Trained(folder, bos: "<|user|>");

        var ids = tokenizer.Encode("Hi<|assistant|>");

        Assert.Equal((1, 2), (ids[0], ids[^1]));
        Assert.Equal((1, 0), (tokenizer.BosId, tokenizer.EosId));
        Assert.Equal("Hi", tokenizer.Decode(ids));
    }

    [Fact]
    public void The_same_texts_give_the_same_files()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        var (one, two) = (Trained(first, bos: null), Trained(second, bos: null));

        Assert.Equal(File.ReadAllText(first.File("tokenizer.json")), File.ReadAllText(second.File("tokenizer.json")));
        Assert.Equal(one.Digest, two.Digest);
    }

    [Fact]
    public void Texts_without_repetition_give_no_merges() => Assert.Equal(256, BpeTrainer.Train(["abc"], 1000, []).VocabularySize);

    [Fact]
    public void A_vocabulary_without_room_for_the_bytes_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BpeTrainer.Train(Texts, 256, Special));

    [Fact]
    public void A_named_token_must_be_special()
    {
        using var folder = new TemporaryFolder();

        Assert.Throws<ArgumentException>(() => BpeTrainer.Train(Texts, 300, Special).Write(folder.Path, "</s>"));
    }

    // tests/golden/text/tiny/trained.json holds what this wrote, and the ids that Hugging Face's library gives with it.
    [Fact]
    public void The_trained_file_gives_the_same_ids_in_hugging_faces_library()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = Trained(folder, bos: "<|user|>");

        var committed = Path.Combine(TokenizerGolden.Folder, "tiny", "trained.json");
        Assert.Equal(File.ReadAllText(committed), File.ReadAllText(folder.File("tokenizer.json")));
        TokenizerGolden.OfVariant("trained").Check(tokenizer);
    }

    static ModelTokenizer Trained(TemporaryFolder folder, string? bos)
    {
        BpeTrainer.Train(Texts, 420, Special).Write(folder.Path, "<|endoftext|>", bos);
        return ModelTokenizer.Load(folder.Path);
    }
}
