using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Generate;
using OrtDpo.Cli.Tests.Train;

namespace OrtDpo.Cli.Tests.Generate;

public sealed class GenerateCommandTests
{
    [Fact]
    public void A_damaged_model_is_one_sentence_and_exit_code_one()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Repository.Find("tests", "fixtures", "first-slice", "export")))
        {
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }

        var model = folder.File("model.onnx");
        folder.Write("model.onnx", File.ReadAllBytes(model)[..2000]);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = CommandLineProgram.Run(
            CommandLineProgram.Compose("ortdpo", "", GenerateCommand.Create()),
            ["generate", "--model", folder.Path, "--prompt", "apple", "--threads", $"{TrainingTrial.Threads}"],
            output,
            error);
        Assert.Equal((1, ""), (exitCode, output.ToString()));
        Assert.Matches($@"\A{model} is damaged, .* Expected a whole ONNX model\. Export or fetch it again\.\r?\n\z", error.ToString());
    }
}
