using System.Text.Json;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Tests.CommandLine;

/// <summary>
/// What is said of a command line that is wrong stays as it was, to the character. Nothing is opened for it, so that no process is needed;
/// the sentences about files are asked of the program.
/// </summary>
public class UsageSentenceTests
{
    [Theory]
    [InlineData("sentences.json", 85)]
    [InlineData("sentences-further.json", 133)]
    public void Every_recorded_fault_of_a_command_line_is_said_as_before(string file, int atLeast)
    {
        using var recorded = JsonDocument.Parse(File.ReadAllText(Repository.Find($"tests/fixtures/first-slice/{file}")));
        var faults = recorded.RootElement.EnumerateArray()
            .Where(entry => entry.GetProperty("exit_code").GetInt32() == CommandLineProgram.UsageFailure)
            .ToList();
        Assert.True(faults.Count >= atLeast, $"{file} has {faults.Count} faults of command lines.");
        Assert.All(faults, fault =>
        {
            var (output, error) = (new StringWriter(), new StringWriter());
            string[] arguments = [.. fault.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString()!)];
            var exitCode = CommandLineProgram.Run(OrtDpoCommand.Create(), arguments, output, error);
            Assert.Equal(
                (CommandLineProgram.UsageFailure, "", fault.GetProperty("stderr").GetString()),
                (exitCode, output.ToString(), error.ToString().TrimEnd('\n')));
        });
    }
}
