using System.Text.Json;
using System.Text.RegularExpressions;
using OrtDpo.Batches;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Train;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Models;
using OrtDpo.Runtime.Models;
using OrtDpo.Tokenizers;
using OrtDpo.Train.Tests;

namespace OrtDpo.Cli.Tests.Train;

/// <summary>A tiny model with a tokenizer, a reference cache of random pairs that it scored, and the programs run on them.</summary>
sealed class TrainingTrial : IDisposable
{
    // ONNX Runtime's thread pool is the process's: all tests of this project use this many.
    public const int Threads = 2;

    // The vocabulary of tests/golden/text/tiny/trained.json.
    const int Vocabulary = 311;

    static readonly string Program = Path.Combine(AppContext.BaseDirectory, "OrtDpo.Cli.dll");

    readonly TinyLlama model = new(vocabulary: Vocabulary);
    readonly TemporaryFolder folder = new();

    public TrainingTrial(int trainPairs = 36, int evalPairs = 9, bool unpaired = false)
    {
        File.Copy(Repository.Find("tests", "golden", "text", "tiny", "trained.json"), Path.Combine(Model, "tokenizer.json"));
        WriteCache(trainPairs, evalPairs, unpaired);
    }

    public string Model => model.Folder;

    public string Cache => folder.File("ref");

    public string PathOf(string name) => folder.File(name);

    public string Write(string name, string text) => folder.Write(name, text);

    /// <summary>The arguments of <c>train</c> into folder <paramref name="run"/>.</summary>
    public string[] TrainArguments(string run, params string[] more) =>
        ["train", "--model", Model, "--ref", Cache, "--out", PathOf(run), "--learning-rate", "1e-3", "--threads", $"{Threads}", .. more];

    /// <summary>Runs a verb in this process.</summary>
    public static ProgramRun Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var program = CommandLineProgram.Compose("ortdpo", "", TrainCommand.Create(), SftCommand.Create(), EvalCommand.Create());
        return new ProgramRun(CommandLineProgram.Run(program, arguments, output, error), output.ToString(), error.ToString());
    }

    /// <summary>Runs a verb in a process of its own.</summary>
    public static ProgramRun RunProcess(params string[] arguments) => ProgramRun.Of("dotnet", [Program, .. arguments]);

    /// <summary>
    /// Runs a verb in a process of its own and kills it as soon as <paramref name="now"/> says so; its exit code if it ended before.
    /// </summary>
    public static int? RunAndKill(string[] arguments, Func<bool> now)
    {
        using var process = ProgramRun.Start("dotnet", [Program, .. arguments]);
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!process.WaitForExit(1))
        {
            if (now())
            {
                process.Kill();
                process.WaitForExit();
                return null;
            }
        }

        return process.ExitCode;
    }

    public string[] Metrics(string run) => File.ReadAllLines(Path.Combine(PathOf(run), "metrics.jsonl"));

    /// <summary>The numbers under a name, in the order of the log.</summary>
    public double[] Numbers(string run, string name) =>
        [.. Metrics(run).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.TryGetProperty(name, out _)).Select(line => line.GetProperty(name).GetDouble())];

    /// <summary>Makes a run one that was killed before the checkpoint of <paramref name="step"/>.</summary>
    public void Forget(string run, int step)
    {
        Directory.Delete(CheckpointOf(run, step), recursive: true);
        File.Delete(Path.Combine(PathOf(run), "manifest.json"));
    }

    /// <summary>Two runs have the same weights and moments, and, but for timings, the same metrics.</summary>
    public void RequireSame(string one, string other, int step)
    {
        foreach (var name in (string[])["model.safetensors", "optimizer.safetensors"])
        {
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(CheckpointOf(one, step), name)),
                File.ReadAllBytes(Path.Combine(CheckpointOf(other, step), name)));
        }

        Assert.Equal(Untimed(one), Untimed(other));

        IEnumerable<string> Untimed(string run) => Metrics(run).Select(line => Regex.Replace(line, ",\"tokens_per_second\":[^,}]*", ""));
    }

    string CheckpointOf(string run, int step) => Path.Combine(PathOf(run), "checkpoints", $"step-{step}");

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    void WriteCache(int trainPairs, int evalPairs, bool unpaired)
    {
        using var reference = ModelFolder.Open(Model);
        var contract = new CacheContract(ReferenceDigest.Compute(reference), CacheContract.CurrentScoringVersion, "fp32");
        var identity = new CacheIdentity
        {
            ContractDigest = contract.Digest(),
            ReferenceDigest = contract.ReferenceDigest,
            ScoringVersion = contract.ScoringVersion,
            Dtype = contract.Dtype,
            TokenizerDigest = ModelTokenizer.Load(Model).Digest,
            TemplateDigest = null,
            TruncationDigest = ExampleEncoder.TruncationDigest(32),
            MaxLength = 32,
        };
        var pairs = model.Pairs(trainPairs + evalPairs).Select(
            (tokens, i) => new PreparedExample(
                "pairs.jsonl", i + 1, i < trainPairs ? Split.Train : Split.Eval, Judged(tokens, i)));
        Example Judged(Example tokens, int i) =>
            unpaired ? Example.Labelled(tokens.Prompt, tokens.Completions[0], i % 3 != 0) : tokens;

        var plan = ScoringPlan.Make([.. pairs], identity, KnownScores.None);
        var shard = new ShardIdentity(Shard.Whole, identity, contract.Digest());
        using var writer = CacheWriter.Begin(Cache, shard, plan, KnownScores.None, new { rows = plan.Summary.Rows });
        writer.Finish(() => (DecoderScorer.Of(reference, Threads), new ScoringEnvironment("test", "cpu", Threads)), _ => { });
    }
}
