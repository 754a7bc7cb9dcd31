using OrtDpo.Cli;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>
/// Every sentence that the program fails with stays as it was, to the character. The commands run in this process, each in its own copy's
/// folder: most fail before they open a model, and starting a program took nearly all of their time. Its folder is the process's, so
/// that no other test may run beside them.
/// </summary>
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

        var (exitCode, error) = Run(copy, sentence.Arguments);
        var stderr = ConsoleText.Masked(error, copy.Folder);
        return sentence with { ExitCode = exitCode, Stderr = stderr.EndsWith('\n') ? stderr[..^1] : stderr };
    }

    static (int ExitCode, string Error) Run(FirstSlice copy, string[] arguments)
    {
        // ONNX Runtime's threads are a process's, and the first command that needs them decides.
        if (arguments.Contains("--threads"))
        {
            var run = copy.Run(arguments);
            return (run.ExitCode, run.Error);
        }

        var before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = copy.Folder;
        try
        {
            var error = new StringWriter();
            return (CommandLineProgram.Run(OrtDpoCommand.Create(), arguments, TextWriter.Null, error), error.ToString());
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    static string Told(Sentence sentence) => $"{sentence.ExitCode} {sentence.Stderr}";

    static string[] Entries(FirstSlice copy) =>
        [.. Directory.EnumerateFileSystemEntries(copy.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
