using OrtDpo.Data.Inspection;

namespace OrtDpo.Data.Tests.Inspection;

public class FoldedTextTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("", " \n", true)]
    [InlineData(" The  sky\n", "the SKY", true)]
    [InlineData("ÄRGER über\u00A0Öl", "ärger ÜBER öl", true)]
    [InlineData("the sky", "the", false)]
    [InlineData("the sky", "thesky", false)]
    [InlineData("a b", "a c", false)]
    public void TextsAreEqualButForCaseAndWhiteSpace(string a, string b, bool areEqual)
    {
        Assert.Equal(areEqual, FoldedText.AreEqual(a, b));
        Assert.Equal(areEqual, FoldedText.AreEqual(b, a));
    }

    // Words one by one say the same as the whole texts folded.
    [Fact]
    public void RandomTextsAreEqualWhereTheyAreFoldedTheSame()
    {
        var random = new Random(7);
        var equal = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var (a, b) = (Text(random), Text(random));
            Assert.Equal(FoldedText.Of(a) == FoldedText.Of(b), FoldedText.AreEqual(a, b));
            equal += FoldedText.AreEqual(a, b) ? 1 : 0;
        }

        Assert.True(equal > 1000, $"{equal} of the random texts were equal: the test says little.");
    }

    static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => "aAé É\n\u2003"[random.Next(7)]));
}
