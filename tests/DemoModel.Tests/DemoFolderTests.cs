using System.IO.Compression;
using System.Text;
using OrtDpo.DemoModel.Model;
using OrtDpo.DemoModel.Text;
using OrtDpo.DemoModel.Topics;
using OrtDpo.Models;
using OrtDpo.Models.Families;
using OrtDpo.Tokenizers;

namespace OrtDpo.DemoModel.Tests;

/// <summary>The committed files of models/demo.</summary>
public sealed class DemoFolderTests
{
    const long MegaByte = 1_000_000;

    static readonly string Folder = Repository.Find("models", "demo");
    static readonly Corpus Written = Corpus.Write(Catalogue.Topics, Balance.Seed);

    [Fact]
    public void The_data_are_what_the_generator_writes()
    {
        Assert.Equal(Jsonl.Text(Written.Train), File.ReadAllText(Data(Corpus.TrainFile)));
        Assert.Equal(Jsonl.Text(Written.HeldOut), File.ReadAllText(Data(Corpus.HeldOutFile)));

        // Compressed bytes may differ between versions of zlib; the text may not.
        using var text = new StreamReader(
            new GZipStream(File.OpenRead(Data(Corpus.SupervisedFile)), CompressionMode.Decompress), Encoding.UTF8);
        Assert.Equal(Jsonl.Text(Written.Supervised), text.ReadToEnd());
    }

    [Fact]
    public void The_tokenizer_is_what_the_text_trains()
    {
        using var folder = new TemporaryFolder();

        SupervisedRecipe.TrainTokenizer(Written).Write(folder.Path, SupervisedRecipe.EndOfText);

        Assert.All(
            ["tokenizer.json", "tokenizer_config.json"],
            name => Assert.Equal(File.ReadAllText(folder.File(name)), File.ReadAllText(Path.Combine(Folder, name))));
    }

    [Fact]
    public void Everything_together_is_at_most_6_MB() =>
        Assert.InRange(
            new DirectoryInfo(Folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length),
            1 * MegaByte, 6 * MegaByte);

    [Fact]
    public void Weights_configuration_and_tokenizer_fit_together()
    {
        using var model = ModelFolder.Open(Folder);
        var tokenizer = ModelTokenizer.Load(Folder);

        Assert.Equal(tokenizer.VocabularySize, model.Model.Sizes.VocabSize);
        Assert.Equal([tokenizer.EosId!.Value], LlamaConfig.Read(Path.Combine(Folder, "config.json")).EosTokenIds);
    }

    // No row is cut by max_position_embeddings, and a step of the demo stays small.
    [Fact]
    public void Pairs_are_short()
    {
        var tokenizer = ModelTokenizer.Load(Folder);
        var lengths = Written.Train.Concat(Written.HeldOut)
            .Select(p => tokenizer.Encode(p.Prompt + p.Chosen).Length + tokenizer.EncodeContinuation(p.Rejected).Length + 2).ToArray();

        Assert.InRange(lengths.Max(), 40, 120);
        Assert.InRange(lengths.Average(), 40, 60);
    }

    // Wilson's interval of 528 pairs is 0.04 to either side; the demo's table says "about 0.5".
    [Fact]
    public void The_model_prefers_neither_style() =>
        Assert.InRange(HeldOutFigures.Measure(Folder, Written.HeldOut)["eval_preference_accuracy"], 0.42, 0.58);

    static string Data(string name) => Path.Combine(Folder, "data", name);
}
