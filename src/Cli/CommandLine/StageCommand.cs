using System.CommandLine;
using OrtDpo.Cli.Configuration;

namespace OrtDpo.Cli.CommandLine;

/// <summary>Connects a verb to the stage behind it.</summary>
public static class StageCommand
{
    /// <summary>
    /// Sets what a verb does: <paramref name="bind"/> turns options into the stage's settings, <paramref name="run"/> runs it.
    /// </summary>
    /// <param name="command">The verb.</param>
    /// <param name="bind">Reads the options. An <see cref="ArgumentException"/> here is a fault of the command line: exit code 2.</param>
    /// <param name="run">Runs the stage; what it throws is a fault of the world or of the program.</param>
    public static void SetStage<TSettings>(
        this Command command, Func<ParseResult, TSettings> bind, Action<TSettings, ProgramOutput> run) =>
        command.SetStage(bind, (settings, output, _) =>
        {
            run(settings, output);
            return CommandLineProgram.Success;
        });

    /// <summary>The same for a verb whose exit code says more; <paramref name="run"/> gets stdout and stderr, and gives it.</summary>
    public static void SetStage<TSettings>(
        this Command command, Func<ParseResult, TSettings> bind, Func<TSettings, ProgramOutput, TextWriter, int> run)
    {
        ConfigOption.AddTo(command);
        command.SetAction(parse =>
        {
            TSettings settings;
            try
            {
                settings = bind(parse);
            }
            catch (ArgumentException exception)
            {
                throw new UsageException(OptionNames.In(WithoutParameterName(exception)));
            }

            return run(settings, ProgramOutput.For(parse.InvocationConfiguration.Output), parse.InvocationConfiguration.Error);
        });
    }

    /// <summary>Whether the user gave the option, as opposed to its default value.</summary>
    public static bool IsGiven(this ParseResult parse, Option option) => parse.GetResult(option) is { Implicit: false };

    /// <summary>The option's value if the user gave it, else null.</summary>
    public static T? Given<T>(this ParseResult parse, Option<T> option)
        where T : struct => parse.IsGiven(option) ? parse.GetValue(option) : null;

    // The runtime appends "(Parameter 'beta')" and, on a line of its own, the actual value.
    static string WithoutParameterName(ArgumentException exception)
    {
        var end = exception.ParamName is null
            ? -1
            : exception.Message.IndexOf($" (Parameter '{exception.ParamName}')", StringComparison.Ordinal);
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}
