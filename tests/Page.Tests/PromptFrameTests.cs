namespace OrtDpo.Page.Tests;

public sealed class PromptFrameTests
{
    static readonly string[] Questions =
    [
        "What is a cat?", "Who are you?", "When is noon.", "Why?", "Where to?", "Will it rain?", "We go.", "Which one?",
    ];

    [Theory]
    [InlineData("User: ", "\nAssistant:", " ")]
    [InlineData("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n", "")]
    [InlineData("[INST] ", " [/INST]", " ")]
    [InlineData("", "", "")]
    public void What_all_prompts_have_in_common_is_their_frame(string before, string after, string lead)
    {
        var frame = PromptFrame.Of([.. Questions.Select((question, i) => Pair(before + question + after, lead, i))]);
        Assert.Equal(new PromptFrame(before, after, lead), frame);
        Assert.All(Questions, question => Assert.Equal(question, frame.Within(before + question + after)));
    }

    [Fact]
    public void A_letter_that_all_questions_share_is_no_frame()
    {
        var frame = PromptFrame.Of([.. Questions.Select((question, i) => Pair("User: " + question.Replace('?', '.'), "", i))]);
        Assert.Equal(new PromptFrame("User: ", "", ""), frame);
    }

    [Fact]
    public void Few_prompts_have_no_frame() =>
        Assert.Equal(PromptFrame.None, PromptFrame.Of([.. Questions.Take(7).Select((question, i) => Pair("User: " + question, " ", i))]));

    [Fact]
    public void A_prompt_outside_of_the_frame_is_whole() =>
        Assert.Equal("User:\n", new PromptFrame("User: ", "\n", "").Within("User:\n"));

    static PairText Pair(string prompt, string lead, int i) => new(prompt, $"{lead}{(char)('a' + i)}", $"{lead}{(char)('n' + i)}");
}
