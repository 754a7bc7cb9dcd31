namespace OrtDpo.Generate.Tests;

public sealed class TextModelTests
{
    // ONNX Runtime's thread pool is the process's: all tests of this project use this many.
    const int Threads = 2;

    const string Prompt = "User: What do you call a young dog?\nAssistant:";

    static string Demo => Repository.Find("models", "demo");

    [Fact]
    public void The_demo_model_answers_and_stops_by_itself()
    {
        using var model = TextModel.Load(Demo, Threads);
        var answer = model.Continue(Prompt, 100);
        Assert.Contains("puppy", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<|endoftext|>", answer, StringComparison.Ordinal);
        Assert.Equal(answer, model.Continue(Prompt, 101));
    }

    [Fact]
    public void Fewer_tokens_are_the_beginning_of_more()
    {
        using var model = TextModel.Load(Demo, Threads);
        var answer = model.Continue(Prompt, 6);
        for (var tokens = 1; tokens < 6; tokens++)
        {
            var beginning = model.Continue(Prompt, tokens);
            Assert.InRange(beginning.Length, 1, answer.Length - 1);
            Assert.StartsWith(beginning, answer, StringComparison.Ordinal);
        }
    }

    /// <summary>Two graphs and two sets of kernels: the fragments that train, and the exported model.</summary>
    [Fact]
    public void A_checkpoint_and_its_export_continue_alike()
    {
        using var checkpoint = TextModel.Load(FirstSlice("runs", "finished", "checkpoints", "step-8"), Threads);
        using var export = TextModel.Load(FirstSlice("export"), Threads);
        foreach (var prompt in (string[])["7: apple door?", "bird", "No island"])
        {
            Assert.Equal(checkpoint.Continue(prompt, 24), export.Continue(prompt, 24));
        }
    }

    [Fact]
    public void No_tokens_are_no_continuation()
    {
        using var model = TextModel.Load(Demo, Threads);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Continue(Prompt, 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(-1)]
    public void An_onnx_file_that_is_cut_short_is_refused_as_damaged(int length)
    {
        using var folder = Copy(FirstSlice("export"));
        var path = folder.File("model.onnx");
        using (var file = File.Open(path, FileMode.Open))
        {
            file.SetLength(length < 0 ? file.Length + length : length);
        }

        RequireDamaged(folder, path);
    }

    [Fact]
    public void An_onnx_file_of_something_else_is_refused_as_damaged()
    {
        using var folder = Copy(FirstSlice("export"));
        RequireDamaged(folder, folder.Write("model.onnx", "<html>Not found</html>\n"));
    }

    static void RequireDamaged(TemporaryFolder folder, string path)
    {
        var refused = Assert.Throws<InvalidDataException>(() => TextModel.Load(folder.Path, Threads));
        Assert.StartsWith($"{path} is damaged, or no model that ONNX Runtime ", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith(" Expected a whole ONNX model. Export or fetch it again.", refused.Message, StringComparison.Ordinal);
    }

    static string FirstSlice(params string[] parts) => Repository.Find(["tests", "fixtures", "first-slice", .. parts]);

    static TemporaryFolder Copy(string path)
    {
        var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(path))
        {
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }

        return folder;
    }
}
