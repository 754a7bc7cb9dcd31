using System.Globalization;
using System.Text.RegularExpressions;
using OrtDpo.Runs;

namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>A dry run refuses what a run refuses before its first step, with the same sentence, and writes nothing.</summary>
[Collection(nameof(MovesCurrentFolder))]
public sealed partial class DryRunTests
{
    static readonly string[] Verbs = ["train", "sft", "precompute"];

    [Fact]
    public void What_a_run_refuses_a_dry_run_refuses_with_the_same_sentence() => RequireRefused("sentences.json", atLeast: 100);

    /// <summary>The same of other options, and with other values.</summary>
    [Fact]
    [Trait("Speed", "long")]
    public void What_else_a_run_refuses_a_dry_run_refuses_too() => RequireRefused("sentences-further.json", atLeast: 30);

    [Theory]
    [InlineData("train would begin the run in new/run with step 1 of 4", "train", "--ref", "caches/pairs", "--out", "new/run")]
    [InlineData(
        "train would begin the run in new with step 1 of 2", "train", "--ref", "caches/feedback", "--loss", "kto", "--max-steps", "2",
        "--out", "new")]
    [InlineData(
        "train would begin the run in new with step 1 of 4", "train", "--data", "data/pairs.jsonl", "--loss", "simpo", "--out", "new")]
    [InlineData(
        "sft would begin the run in new with step 1 of 4", "sft", "--data", "data/supervised.jsonl", "--lora-rank", "2", "--out", "new")]
    [InlineData("precompute would score 1 of 1 parts into new", "precompute", "--data", "data/pairs.jsonl", "--out", "new")]
    public void What_a_run_would_do_is_said_and_nothing_is_written(string expected, params string[] arguments)
    {
        using var copy = new FirstSlice();
        var before = Contents(copy);
        var said = copy.Succeed([.. arguments, "--model", "model", "--dry-run"]).TrimEnd('\n').Split('\n');
        Assert.Equal($"dry run: nothing was written; {expected}", said[^1]);
        Assert.Equal(before, Contents(copy));

        // Up to there a run says the same: it decides as was said.
        var run = copy.Succeed([.. arguments, "--model", "model"]).Split('\n');
        var decisions = said.TakeWhile(line => !line.StartsWith("step 1:", StringComparison.Ordinal) && line != said[^1]).ToList();
        Assert.True(decisions.Count > 3);
        Assert.Equal(decisions.Select(Unmeasured), run.Take(decisions.Count).Select(Unmeasured));
    }

    [Fact]
    public void A_run_that_would_go_on_says_after_which_step_and_stays_as_it_is()
    {
        using var copy = new FirstSlice();
        string[] arguments =
        [
            "train", "--model", "model", "--ref", "caches/pairs", "--learning-rate", "0.001", "--batch-pairs", "8", "--max-steps", "8",
            "--save-steps",
            "4", "--eval-steps", "4", "--resume", "--out",
        ];
        var before = Contents(copy);
        Assert.EndsWith(
            "train would go on with the run in runs/half after step 4 of 8\n",
            copy.Succeed([.. arguments, "runs/half", "--dry-run"]), StringComparison.Ordinal);
        Assert.EndsWith(
            "dry run: nothing was written; the run in runs/finished has done all of its 8 steps\n",
            copy.Succeed([.. arguments, "runs/finished", "--dry-run"]), StringComparison.Ordinal);
        Assert.Equal(before, Contents(copy));
    }

    [Theory]
    [InlineData]
    [InlineData("--save-dtype", "bfloat16")]
    [InlineData("--optimizer", "adamw8bit")]
    [InlineData("--lora-rank", "2")]
    public void What_a_checkpoint_takes_is_said_before_it_is_there(params string[] options)
    {
        using var copy = new FirstSlice();
        string[] arguments =
            ["sft", "--model", "model", "--data", "data/supervised.jsonl", "--out", "out", "--max-steps", "1", .. options];
        var said = Size().Match(copy.Succeed([.. arguments, "--dry-run"])).Groups[1].Value;
        var expected = double.Parse(said, CultureInfo.InvariantCulture) * 1000;
        copy.Succeed(arguments);
        var found = Directory.EnumerateFiles(copy.PathOf("out/checkpoints/step-1"), "*", SearchOption.AllDirectories)
            .Sum(file => new FileInfo(file).Length);

        // The names and shapes of tensors and the digests of files come on top of it.
        Assert.InRange(found - expected, -100, 12_000);
    }

    [Fact]
    public void A_folder_that_another_run_writes_is_refused()
    {
        using var copy = new FirstSlice();
        using var held = FileLock.Take(Path.Combine(copy.PathOf("runs"), "half", ".lock"));
        var run = copy.Run(
            "train", "--model", "model", "--ref", "caches/pairs", "--learning-rate", "0.001", "--max-steps", "8",
            "--save-steps", "4", "--eval-steps",
            "4", "--resume", "--out", "runs/half", "--dry-run");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("runs/half is being written by another run", run.Error, StringComparison.Ordinal);
    }

    static void RequireRefused(string file, int atLeast)
    {
        var recorded = Sentence.ReadAll(FirstSlice.Recorded(file))
            .Where(sentence => sentence.ExitCode == 1 && sentence.Arguments is [var verb, ..] && Verbs.Contains(verb)).ToList();
        Assert.True(recorded.Count >= atLeast, $"{file} has {recorded.Count} failures of runs.");
        var differences = new Differences();
        using var shared = new FirstSlice();
        var before = Contents(shared);
        foreach (var sentence in recorded)
        {
            using var own = sentence.Setup is null ? null : new FirstSlice();
            var copy = own ?? shared;
            foreach (var change in sentence.Setup ?? [])
            {
                FixtureChange.Apply(copy, change);
            }

            var changed = own is null ? null : Contents(own);
            var run = copy.Run([.. sentence.Arguments, "--dry-run"]);
            var said = Said(run, copy);
            Assert.Equal(changed, own is null ? null : Contents(own));
            // What is recorded spares a run of each; where that has another sentence now, the run itself says which.
            differences.Compare(sentence.Name, said == $"1 {sentence.Stderr}" ? said : Said(copy.Run(sentence.Arguments), copy), said);
        }

        differences.RequireNone();
        Assert.Equal(before, Contents(shared));
    }

    static string Said(ProgramRun run, FirstSlice copy) =>
        $"{run.ExitCode} {ConsoleText.Masked(run.Error, copy.Folder).TrimEnd('\n')}";

    // What is measured anew: what is left of the memory.
    static string Unmeasured(string line) => line.StartsWith("memory:", StringComparison.Ordinal) ? "memory" : line;

    static List<(string Path, string Digest)> Contents(FirstSlice copy) =>
    [
        .. Directory.EnumerateFileSystemEntries(copy.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => (path, File.Exists(path) ? $"{FileDigest.OfFile(path)} {File.GetLastWriteTimeUtc(path):O}" : "")),
    ];

    [GeneratedRegex(@"^checkpoints: ([\d.]+) kB each", RegexOptions.Multiline)]
    private static partial Regex Size();
}
