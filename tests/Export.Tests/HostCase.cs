using System.Text.Json.Nodes;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Tests;

/// <summary>A model that hosts are tried on: exported, and beside it the layers that train, in one graph.</summary>
sealed class HostCase : IDisposable
{
    /// <summary>The shipped demo model.</summary>
    public const string Demo = "demo";

    /// <summary>A trained model that is not in the repository; a case of it skips its test where it is absent.</summary>
    public const string Stories = "stories260K";

    // ONNX Runtime's thread pool is the process's: all tests of a project use this many.
    const int Threads = 2;

    readonly TemporaryFolder folder;
    readonly TrainingForward training;

    HostCase(TemporaryFolder folder, DecoderModel model, AttentionForm form)
    {
        this.folder = folder;
        Vocabulary = model.Sizes.VocabSize;
        training = new TrainingForward(model, folder.Path);
        Report = OnnxExport.Run(
            folder.Path, Export, [Example.Pair(Ids(9, 5), Ids(8, 6), Ids(5, 7))], Threads, WeightType.F32, model.Sizes.MaxPositions,
            options: new() { Attention = form });
    }

    /// <summary>Every family, each with its attention plain and grouped.</summary>
    public static TheoryData<string, AttentionForm> Families
    {
        get
        {
            var cases = new TheoryData<string, AttentionForm>();
            foreach (var name in RandomFamily.Names)
            {
                cases.Add(name, AttentionForm.Plain);
                cases.Add(name, AttentionForm.Grouped);
            }

            return cases;
        }
    }

    /// <summary>The demo model, stories260K, and a random model of every family.</summary>
    public static TheoryData<string> All => [Demo, Stories, .. RandomFamily.Names];

    public int Vocabulary { get; }

    public ParityReport Report { get; }

    /// <summary>The exported folder.</summary>
    public string Export => folder.File("export");

    /// <summary>Its model.</summary>
    public string Model => Path.Combine(Export, "model.onnx");

    public TrainingText Text => new(training, Vocabulary);

    /// <summary>The tokens at which GenAI stops, the first of which pads.</summary>
    public int[] Ends => [.. JsonNode.Parse(File.ReadAllText(Path.Combine(Export, "genai_config.json")))!["model"]!["eos_token_id"]!
        .AsArray().Select(id => (int)id!)];

    public static HostCase Open(string name, AttentionForm form = AttentionForm.Plain)
    {
        OrtProcess.Start(Threads);
        var source = name switch
        {
            Demo => Repository.Find("models", "demo"),
            Stories => SharedData.Folder("stories260K"),
            _ => null,
        };
        var folder = new TemporaryFolder();
        if (source is null)
        {
            return new HostCase(folder, RandomFamily.Write(name, folder), form);
        }

        foreach (var file in Directory.GetFiles(source))
        {
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }

        return new HostCase(folder, ModelFolder.ModelOf(folder.Path), form);
    }

    /// <summary>Batches of four prompts, of 1 to 24 tokens, none of them one that ends or pads a text.</summary>
    public IEnumerable<int[][]> Batches(int count) => Enumerable.Range(0, 4 * count)
        .Select(i => Ids(i < 4 ? new[] { 3, 12, 1, 7 }[i] : 1 + (i * 7 % 24), seed: i))
        .Chunk(4);

    public void Dispose()
    {
        training.Dispose();
        folder.Dispose();
    }

    int[] Ids(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(3, Vocabulary))];
    }
}
