using OrtDpo.Ship.Thresholds;

namespace OrtDpo.Ship.Tests.Thresholds;

public sealed class ThresholdFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    string File => folder.File("ship.yaml");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_written_are_the_usual_thresholds_with_a_comment_each()
    {
        ThresholdFile.WriteUsual(File);
        Assert.Equal(new ReleaseThresholds(), ThresholdFile.Read(File));
        var lines = System.IO.File.ReadAllLines(File);
        Assert.All(
            lines.Index().Where(line => line.Item.Contains(": ", StringComparison.Ordinal) && !line.Item.StartsWith('#')),
            line => Assert.StartsWith("# ", lines[line.Index - 1], StringComparison.Ordinal));
        Assert.Contains(
            "exists already", Assert.Throws<IOException>(() => ThresholdFile.WriteUsual(File)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_changes_what_it_names_and_nothing_else()
    {
        folder.Write("ship.yaml", "accuracy: 0.6   # more\nkl: off\nmargin: null\nparity: off\nprompts: 200\nunjudged: block\n");
        Assert.Equal(
            new ReleaseThresholds { Accuracy = 0.6, Kl = null, Margin = null, Parity = false, Prompts = 200, BlockUnjudged = true },
            ThresholdFile.Read(File));
    }

    [Theory]
    [InlineData("acuracy: 0.6", "line 1: 'acuracy' is no threshold; did you mean 'accuracy'?")]
    [InlineData("kl: 1\nloss: 2", "line 2: 'loss' is no threshold; the thresholds are run, cache, ")]
    [InlineData("kl: 1\n\nkl: 2", "line 3 column 1: 'kl' is there already, in line 1. Remove one of them.")]
    [InlineData("kl: much", "line 1: kl is 'much'; it must be a number from 0 on, or off.")]
    [InlineData("kl: -1", "line 1: kl is '-1'; it must be a number from 0 on, or off.")]
    [InlineData("kl: .inf", "line 1: kl is '.inf'; it must be a number from 0 on, or off.")]
    [InlineData("accuracy: 1", "line 1: accuracy is '1'; it must be a number from 0 to below 1, or off.")]
    [InlineData("prompts: 2.5", "line 1: prompts is '2.5'; it must be a whole number from 1 on, or off.")]
    [InlineData("perplexity: 0", "line 1: perplexity is '0'; it must be a number above 0, or off.")]
    [InlineData("cache: yes", "line 1: cache is 'yes'; it must be required or off.")]
    [InlineData("unjudged: off", "line 1: unjudged is 'off'; it must be error or block.")]
    [InlineData("kl: [1, 2]", "line 1: found a list or a mapping. Expected kl with a number from 0 on, or off.")]
    [InlineData("- kl", "line 1 column 1: found no mapping. Expected 'name: value' lines.")]
    [InlineData("kl: 1\n---\nkl: 2", "line 2 column 1: a second document begins. Expected one.")]
    [InlineData("kl: \"1", "line ")]
    [InlineData("", "holds no thresholds. Leave `Thresholds` out for the usual ones.")]
    [InlineData("# nothing\n", "holds no thresholds. Leave `Thresholds` out for the usual ones.")]
    public void What_is_no_threshold_is_refused_with_its_line(string text, string expected)
    {
        folder.Write("ship.yaml", text);
        Assert.StartsWith(
            $"{File} {expected}", Assert.Throws<InvalidDataException>(() => ThresholdFile.Read(File)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_there_or_no_text_is_refused()
    {
        Assert.StartsWith(
            $"The thresholds file {File} does not exist.",
            Assert.Throws<FileNotFoundException>(() => ThresholdFile.Read(File)).Message, StringComparison.Ordinal);
        folder.Write("ship.yaml", [0x6B, 0x6C, 0x3A, 0x20, 0xFF]);
        Assert.Contains(
            "is not UTF-8", Assert.Throws<InvalidDataException>(() => ThresholdFile.Read(File)).Message, StringComparison.Ordinal);
    }
}
