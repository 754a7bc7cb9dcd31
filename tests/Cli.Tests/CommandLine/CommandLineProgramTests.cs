using System.CommandLine;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Tests.CommandLine;

public sealed class CommandLineProgramTests
{
    static readonly Option<double> Beta = new Option<double>("--beta") { DefaultValueFactory = _ => 0.1 }.Positive();

    [Fact]
    public void A_run_that_succeeds_gives_zero_and_says_nothing_on_stderr() =>
        Assert.Equal((0, "0.5\n", ""), Run("train --out x --beta 0.5"));

    [Theory]
    [InlineData("train --out x --bta 1", "--bta is not an option of ortdpo train; did you mean --beta? See ortdpo train --help.")]
    [InlineData("train --out x --zzzzzzzz=1", "--zzzzzzzz is not an option of ortdpo train. See ortdpo train --help.")]
    [InlineData("train --out x stray", "'stray' belongs to no option of ortdpo train. See ortdpo train --help.")]
    [InlineData("trian", "'trian' is not a verb of ortdpo; did you mean train? See ortdpo --help.")]
    [InlineData("", "A verb is missing: train. See ortdpo --help.")]
    [InlineData("train --out x --beta 1 --beta 2", "--beta is given 2 times; it can be given once. See ortdpo train --help.")]
    [InlineData("train --out x --resume --resume", "--resume is given 2 times; it can be given once. See ortdpo train --help.")]
    [InlineData("train", "--out is missing; ortdpo train needs it. See ortdpo train --help.")]
    [InlineData("train --out", "--out has no value; it needs a value. See ortdpo train --help.")]
    [InlineData("train --out x --beta", "--beta has no value; it needs a number. See ortdpo train --help.")]
    [InlineData("train --out x --beta much", "--beta is 'much'; it must be a number. See ortdpo train --help.")]
    [InlineData("train --out x --beta 0", "--beta is 0; it must be positive. See ortdpo train --help.")]
    [InlineData("train --out x --beta -1", "--beta is -1; it must be positive. See ortdpo train --help.")]
    [InlineData("train --out x --beta NaN", "--beta is NaN; it must be positive. See ortdpo train --help.")]
    [InlineData("train --out x --max-steps 1.5", "--max-steps is '1.5'; it must be a whole number. See ortdpo train --help.")]
    [InlineData("train --out x --device tpu", "--device is 'tpu'; it must be one of cpu, cuda. See ortdpo train --help.")]
    [InlineData("train --out x --beta 0.5 --device cuda", "--device has no effect beside --beta. See ortdpo train --help.")]
    public void A_faulty_command_line_is_one_sentence_on_stderr_and_exit_code_two(string arguments, string expected) =>
        Assert.Equal((2, "", expected + "\n"), Run(arguments));

    [Fact]
    public void Values_that_fit_are_taken_however_they_are_written() =>
        Assert.Equal((0, "0.001\n", ""), Run("train --out=x --beta=1e-3 --device CPU"));

    [Theory]
    [InlineData("--help")]
    [InlineData("train --help")]
    [InlineData("train -h --bogus")]
    public void Help_goes_to_stdout_and_is_no_error(string arguments)
    {
        var (exitCode, output, error) = Run(arguments);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_is_one_line_that_starts_with_a_digit()
    {
        var (exitCode, output, error) = Run("--version");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Matches(@"^\d+\.\d+\.\d+[^\n]*\n$", output);
    }

    [Theory]
    [InlineData(typeof(InvalidDataException))]
    [InlineData(typeof(FileNotFoundException))]
    [InlineData(typeof(DirectoryNotFoundException))]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(UnauthorizedAccessException))]
    [InlineData(typeof(NotSupportedException))]
    public void What_is_wrong_in_the_world_is_its_message_on_one_line_and_exit_code_one(Type type) =>
        Assert.Equal((1, "", "pairs.jsonl line 3: 'chosen' is empty.\n"), RunFailing(type, "pairs.jsonl line 3:\n'chosen' is empty."));

    [Theory]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(ArgumentException))]
    [InlineData(typeof(NullReferenceException))]
    public void A_fault_of_the_program_keeps_its_stack_trace(Type type) =>
        Assert.Throws(type, () => RunFailing(type, "unexpected"));

    [Fact]
    public void What_was_stopped_says_so_in_a_sentence_with_the_exit_code_of_an_interruption() => Assert.Equal(
        (130, "", "Stopped after step 3. Go on with --resume.\n"),
        RunFailing(typeof(OperationCanceledException), "Stopped after step 3. Go on with `Resume`."));

    enum Device
    {
        Cpu,
        Cuda,
    }

    static (int ExitCode, string Output, string Error) Run(string arguments)
    {
        var outFolder = new Option<string>("--out") { Required = true };
        var maxSteps = new Option<long?>("--max-steps");
        var device = new Option<Device>("--device");
        var resume = new Option<bool>("--resume");
        var train = new Command("train", "Trains.") { outFolder, Beta, maxSteps, device, resume };
        train.SetStage(
            parse => parse.IsGiven(Beta) && parse.GetValue(device) == Device.Cuda
                ? throw new ArgumentException("--device has no effect beside --beta.", nameof(arguments))
                : parse.GetValue(Beta),
            (beta, output) => output.WriteLine(FormattableString.Invariant($"{beta}")));
        return Run(CommandLineProgram.Compose("ortdpo", "Tunes.", train), arguments);
    }

    static (int ExitCode, string Output, string Error) RunFailing(Type type, string message)
    {
        var verb = new Command("fail", "Fails.");
        verb.SetStage(_ => 0, (_, _) => throw (Exception)Activator.CreateInstance(type, message)!);
        return Run(CommandLineProgram.Compose("ortdpo", "Tunes.", verb), "fail");
    }

    static (int ExitCode, string Output, string Error) Run(Command program, string arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exitCode = CommandLineProgram.Run(program, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}
