using System.CommandLine;
using System.CommandLine.Help;
using OrtDpo.Cli.Configuration;

namespace OrtDpo.Cli.CommandLine;

/// <summary>
/// Runs a command line as every OrtDpo program does: exit codes, one-sentence errors, <c>--help</c> and <c>--version</c>.
/// </summary>
public static class CommandLineProgram
{
    /// <summary>The run did what was asked.</summary>
    public const int Success = 0;

    /// <summary>Something found in the world is wrong: a file, a folder, its contents, a device.</summary>
    public const int WorldFailure = 1;

    /// <summary>The command line itself is wrong: an option that is unknown, duplicate, without effect, missing or unparsable.</summary>
    public const int UsageFailure = 2;

    /// <summary>A release gate found what must not be shipped: nothing failed, and what was asked for was done.</summary>
    public const int Blocked = 3;

    /// <summary>Composes a program of several verbs.</summary>
    public static Command Compose(string name, string description, params IEnumerable<Command> verbs)
    {
        var program = new Command(name, description) { new VersionOption() };
        foreach (var verb in verbs)
        {
            program.Add(verb);
        }

        return program;
    }

    /// <summary>
    /// Parses and runs; an expected failure becomes one line on <paramref name="error"/>, as does that the program was told to end, whose
    /// exit code is that of the signal (<see cref="EndSignals.ExitCode"/>). Any other exception passes through.
    /// </summary>
    /// <param name="program">The command to run: a composed program, or a single verb.</param>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="output">Where results go; the console by default.</param>
    /// <param name="error">Where errors go; the console by default.</param>
    /// <returns>The exit code.</returns>
    public static int Run(Command program, IReadOnlyList<string> arguments, TextWriter? output = null, TextWriter? error = null)
    {
        output ??= Console.Out;
        // A sentence that finds no place, as in a log on a full disk, changes no exit code.
        error = new ForgivingWriter(error ?? Console.Error);
        program.Add(new HelpOption());
        var line = ConfiguredLine.Typed(program, arguments);
        try
        {
            line = line.WithRecipe();
            if (line.Fault is { } fault)
            {
                return FailUsage(line.Parse, fault, error);
            }

            return line.Parse.Invoke(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error });
        }
        catch (UsageException exception)
        {
            return FailUsage(line.Parse, line.Placed(exception.Message), error);
        }
        catch (OperationCanceledException stopped)
        {
            error.WriteLine(OneLine(OptionNames.In(stopped.Message)));
            return EndSignals.ExitCode;
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            error.WriteLine(OneLine(line.Placed(OptionNames.In(exception.Message))));
            return WorldFailure;
        }
    }

    static int FailUsage(ParseResult parse, string fault, TextWriter error)
    {
        error.WriteLine($"{OneLine(fault)} See {UsageErrors.PathOf(parse.CommandResult)} --help.");
        return UsageFailure;
    }

    // IOException covers missing files and folders. ArgumentException and InvalidOperationException are faults of the program.
    // InsufficientMemoryException is what the pools of a device or of the host say where there is no more.
    static bool IsExpected(Exception exception) => exception is InvalidDataException or IOException or UnauthorizedAccessException
        or NotSupportedException or InsufficientMemoryException;

    static string OneLine(string message) =>
        string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
