using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text.RegularExpressions;

namespace OrtDpo.Testing;

/// <summary>
/// Where <c>ORTDPO_SENTENCES</c> names a folder, every test process writes there, once each, the messages of all exceptions that
/// the libraries throw in it, one a line: <c>eng/thrown-sentences.sh</c> compares them with those that were recorded.
/// </summary>
static partial class SentenceRecorder
{
    const string Variable = "ORTDPO_SENTENCES";

    static readonly HashSet<string> Seen = new(StringComparer.Ordinal);
    static readonly string Temporary = Path.TrimEndingDirectorySeparator(Path.GetTempPath());

    // What the recorder itself throws and catches must not reach it again.
    [ThreadStatic]
    static bool isRecording;

    static string file = "";

    [ModuleInitializer]
    internal static void Begin()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        var tests = typeof(SentenceRecorder).Assembly.GetName().Name!;
        file = Path.Combine(folder, FormattableString.Invariant($"{tests}-{Environment.ProcessId}.txt"));
        AppDomain.CurrentDomain.FirstChanceException += (_, thrown) => Record(thrown);
    }

    static void Record(FirstChanceExceptionEventArgs thrown)
    {
        if (isRecording)
        {
            return;
        }

        isRecording = true;
        try
        {
            if (IsOurs(new StackTrace(thrown.Exception).GetFrame(0)))
            {
                Add($"{thrown.Exception.GetType().Name}: {Masked(thrown.Exception.Message)}");
            }
        }
        finally
        {
            isRecording = false;
        }
    }

    // Assemblies are renamed and split; that they are the project's, and no tests, stays visible in their names.
    static bool IsOurs(StackFrame? thrower) =>
        thrower?.GetMethod()?.Module.Assembly.GetName().Name is { } name
        && (name == "OrtDpo" || name.StartsWith("OrtDpo.", StringComparison.Ordinal))
        && !name.EndsWith(".Tests", StringComparison.Ordinal);

    // Written at once: a test process that is killed has still said what it saw.
    static void Add(string sentence)
    {
        lock (Seen)
        {
            if (Seen.Add(sentence))
            {
                File.AppendAllText(file, sentence + "\n");
            }
        }
    }

    // What differs from machine to machine and from run to run, and the namespaces of types, which move.
    static string Masked(string message)
    {
        var text = message.Replace(Repository.Root, "{root}", StringComparison.Ordinal).ReplaceLineEndings("\\n");
        text = text.Replace(Temporary + Path.DirectorySeparatorChar, "{temporary}/", StringComparison.Ordinal);
        text = TemporaryName().Replace(text, "{temporary}/#");
        text = JsonFault().Replace(text, "$1{fault}");
        text = TypeName().Replace(text, "$1");
        text = Number().Replace(text, number => number.Groups["hex"].Success ? "{hex}" : "#");
        return Template().Replace(text, "{template}");
    }

    [GeneratedRegex(@"\{temporary\}/[^/\s'"":,;)]+")]
    private static partial Regex TemporaryName();

    // The JSON reader's own words, about bytes that tests draw.
    [GeneratedRegex(@"(cannot be read as this program writes it: ).*")]
    private static partial Regex JsonFault();

    // Tests call the same template by many names, and by the path of its file.
    [GeneratedRegex(@"\S+(?= line # column #)")]
    private static partial Regex Template();

    [GeneratedRegex(@"\bOrtDpo(?:\.\w+)*\.(\w+)")]
    private static partial Regex TypeName();

    [GeneratedRegex(
        @"[-−]?\d+\.\d+([eE][-+]?\d+)?|(?<hex>\b(?=[0-9a-fA-F]*[0-9])[0-9a-fA-F]{8}[0-9a-fA-F-]*\b)"
        + @"|[-−]?\d+([eE][-+]?\d+)?")]
    private static partial Regex Number();
}
