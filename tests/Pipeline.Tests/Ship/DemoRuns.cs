using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests.Ship;

/// <summary>
/// Caches of the demo model on 1,200 of its training pairs and 200 of its held-out ones, and runs that are trained on them.
/// </summary>
public sealed class DemoRuns : IDisposable
{
    const int Trained = 1200;
    const int HeldOut = 200;
    const int Few = 40;

    readonly TemporaryFolder folder = new();
    readonly HashSet<string> caches = [];

    public DemoRuns()
    {
        var (train, heldOut) = (Pairs("train.jsonl", Trained), Pairs("heldout.jsonl", HeldOut));
        Write("pairs", train, heldOut, pair => [pair]);
        Write("feedback", train, heldOut, pair =>
        [
            new { prompt = Text(pair, "prompt"), completion = Text(pair, "chosen"), label = true },
            new { prompt = Text(pair, "prompt"), completion = Text(pair, "rejected"), label = false },
        ]);
        Write("rows", train, heldOut, pair => [new { prompt = Text(pair, "prompt"), completion = Text(pair, "chosen") }]);

        // Labels by the toss of a coin, and by the wrong rule half of the time; the held-out ones are right.
        var coin = new Random(1);
        Write("shuffled", train, heldOut, pair => [pair], pair => [coin.Next(2) == 0 ? pair : Swapped(pair)]);

        // What is trained on has chosen and rejected swapped, all of it; the held-out ones are right.
        Write("swapped", train, heldOut, pair => [pair], pair => [Swapped(pair)]);

        // Forty pairs with labels by a coin: they can only be known by heart.
        Write("few", train[..Few], heldOut, pair => [pair], pair => [coin.Next(2) == 0 ? pair : Swapped(pair)]);

        Write("few-rows", train[..Few], heldOut, pair => [new { prompt = Text(pair, "prompt"), completion = Text(pair, "chosen") }]);

        // Of two texts of one to six answers each, whatever they say, the longer one is chosen.
        var length = new Random(3);
        List<string> answers = [.. train.SelectMany(pair => (string[])[Text(pair, "chosen"), Text(pair, "rejected")])];
        Write("length", train, heldOut, pair =>
        [
            Enumerable.Range(1, 6).OrderBy(_ => length.Next()).Take(2).OrderDescending()
                .Select(count => string.Concat(Enumerable.Range(0, count).Select(_ => answers[length.Next(answers.Count)]))).ToList()
                is [var longer, var shorter]
                ? new { prompt = Text(pair, "prompt"), chosen = longer, rejected = shorter }
                : throw new InvalidOperationException(),
        ]);

        // Of one answer and the same with one other word nothing tells the first from the second but this word.
        var word = new Random(2);
        Write("near", train, heldOut, pair => [new
        {
            prompt = Text(pair, "prompt"), chosen = Text(pair, "chosen"), rejected = WithAnotherWord(Text(pair, "chosen"), word),
        }]);
    }

    public static string Model => Repository.Find("models", "demo");

    public string Path(string name) => folder.File(name);

    /// <summary>The options that name a kind of rows, those that are held out too.</summary>
    public string[] Data(string rows) =>
        ["--data", folder.File($"{rows}-train.jsonl"), "--eval-data", folder.File($"{rows}-heldout.jsonl")];

    /// <summary>The cache of a kind of rows, made where it is not there yet.</summary>
    /// <param name="rows">Which rows.</param>
    /// <param name="form">How the base is held.</param>
    public string Cache(string rows, string form = "as-is")
    {
        var cache = folder.File($"{rows}-{form}");
        if (caches.Add(cache))
        {
            TinyPipeline.SucceedProcess(["precompute", "--model", Model, .. Data(rows), "--base", form, "--out", cache]);
        }

        return cache;
    }

    /// <summary>Trains and exports a run; its folder and its export's.</summary>
    public (string Run, string Export) Train(string name, IEnumerable<string> training, params string[] exporting)
    {
        var (run, export) = (TrainOnly(name, training).Run, folder.File($"{name}-export"));
        TinyPipeline.SucceedProcess(["export", "--run", run, "--out", export, .. exporting]);
        return (run, export);
    }

    /// <summary>Trains a run; its folder and what the program printed.</summary>
    public (string Run, string Output) TrainOnly(string name, IEnumerable<string> training)
    {
        var run = folder.File(name);
        return (run, TinyPipeline.SucceedProcess([.. training, "--batch-pairs", "16", "--eval-steps", "10", "--out", run]));
    }

    public void Dispose() => folder.Dispose();

    static List<JsonNode> Pairs(string file, int count) =>
        [.. File.ReadLines(System.IO.Path.Combine(Model, "data", file)).Take(count).Select(line => JsonNode.Parse(line)!)];

    static string Text(JsonNode pair, string name) => (string)pair[name]!;

    static object Swapped(JsonNode pair) =>
        new { prompt = Text(pair, "prompt"), chosen = Text(pair, "rejected"), rejected = Text(pair, "chosen") };

    static string WithAnotherWord(string text, Random random)
    {
        var words = text.Split(' ');
        words[random.Next(1, words.Length)] = ((string[])["black", "never", "house", "seven"])[random.Next(4)];
        return string.Join(' ', words);
    }

    void Write(
        string name, List<JsonNode> train, List<JsonNode> heldOut, Func<JsonNode, object[]> rows, Func<JsonNode, object[]>? trained = null)
    {
        folder.Write($"{name}-train.jsonl", Lines(train, trained ?? rows));
        folder.Write($"{name}-heldout.jsonl", Lines(heldOut, rows));
    }

    static string Lines(List<JsonNode> pairs, Func<JsonNode, object[]> rows) =>
        string.Concat(pairs.SelectMany(rows).Select(row => JsonSerializer.Serialize(row) + "\n"));
}
