namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>Every sentence that the program fails with stays as it was, to the character: each command in a copy of the fixtures.</summary>
[Collection(nameof(MovesCurrentFolder))]
public sealed class SentenceTests
{
    // Said before anything is opened, and held by Cli.Tests without a process for each.
    const int WrongCommandLine = 2;

    [Fact]
    public void Every_recorded_failure_says_its_sentence_with_its_exit_code() => RequireRecorded("sentences.json");

    /// <summary>The same sentences of other verbs and options, and with other values.</summary>
    [Fact]
    [Trait("Speed", "long")]
    public void Every_further_recorded_failure_says_its_sentence_with_its_exit_code() => RequireRecorded("sentences-further.json");

    static void RequireRecorded(string file)
    {
        var recorded = Sentence.ReadAll(FirstSlice.Recorded(file));
        Assert.Equal(recorded.Length, recorded.DistinctBy(sentence => sentence.Name).Count());
        var found = new Sentence[recorded.Length];
        var differences = new Differences();
        using var shared = new FirstSlice();
        var before = Entries(shared);
        foreach (var (i, sentence) in recorded.Index())
        {
            if (sentence.ExitCode == WrongCommandLine)
            {
                found[i] = sentence;
                continue;
            }

            using var own = sentence.Setup is null ? null : new FirstSlice();
            found[i] = Provoke(own ?? shared, sentence);
            differences.Compare(sentence.Name, Told(sentence), Told(found[i]));
        }

        Found.Keep(file, Sentence.Write(found));
        differences.RequireNone();
        // What needs no setup of its own leaves no trace either.
        Assert.Equal(before, Entries(shared));
    }

    static Sentence Provoke(FirstSlice copy, Sentence sentence)
    {
        foreach (var change in sentence.Setup ?? [])
        {
            FixtureChange.Apply(copy, change);
        }

        var run = copy.Run(sentence.Arguments);
        var stderr = ConsoleText.Masked(run.Error, copy.Folder);
        return sentence with { ExitCode = run.ExitCode, Stderr = stderr.EndsWith('\n') ? stderr[..^1] : stderr };
    }

    static string Told(Sentence sentence) => $"{sentence.ExitCode} {sentence.Stderr}";

    static string[] Entries(FirstSlice copy) =>
        [.. Directory.EnumerateFileSystemEntries(copy.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
