using OrtDpo.DemoModel.Topics;

namespace OrtDpo.DemoModel.Tests.Topics;

public sealed class EnglishTests
{
    [Theory]
    [InlineData("cat", "a cat")]
    [InlineData("owl", "an owl")]
    [InlineData("unicycle", "a unicycle")]
    [InlineData("umbrella", "an umbrella")]
    public void Nouns_take_their_article(string noun, string expected) => Assert.Equal(expected, English.A(noun));

    [Theory]
    [InlineData(0, "zero")]
    [InlineData(12, "twelve")]
    [InlineData(19, "nineteen")]
    [InlineData(20, "twenty")]
    [InlineData(54, "fifty-four")]
    [InlineData(99, "ninety-nine")]
    public void Numbers_are_written_in_words(int number, string expected) => Assert.Equal(expected, English.Number(number));
}
