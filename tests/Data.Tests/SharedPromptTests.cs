using FsCheck;
using FsCheck.Fluent;

namespace OrtDpo.Data.Tests;

public sealed class SharedPromptTests : IDisposable
{
    static readonly Arbitrary<string> Texts =
        Gen.Elements('a', 'b', ' ', '\n').ArrayOf().Select(letters => new string(letters)).ToArbitrary();

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // The cases that other readers get wrong (TRL#6472, #6703, #6960): a prefix, equal texts, a difference at the first character.
    [Theory]
    [InlineData("The sky is blue.", "The sky is green.", "The sky is", " blue.", " green.")]
    [InlineData("The sky is blue today", "The sky is blue", "The sky is", " blue today", " blue")]
    [InlineData("The sky is blu", "The sky is blue", "The sky is", " blu", " blue")]
    [InlineData("The sky", "The sky", "The", " sky", " sky")]
    [InlineData("Q: why?\nA:  so", "Q: why?\nA:  no", "Q: why?\nA:", "  so", "  no")]
    public void The_prompt_ends_before_the_last_white_space_that_both_texts_share(
        string chosen, string rejected, string prompt, string chosenEnd, string rejectedEnd)
    {
        var row = ReadOne(chosen, rejected);
        Assert.Equal((prompt, chosenEnd, rejectedEnd), (row.Prompt, row.Chosen, row.Rejected));
        Assert.Null(row.Unusable);
    }

    [Theory]
    [InlineData("Yes, it is", "No, it is not ", DropReason.NoSharedPrompt)]
    [InlineData("x", "xy z", DropReason.NoSharedPrompt)]
    [InlineData("The sky ", "The sky is", DropReason.EmptyChosen)]
    [InlineData(" a", " b", DropReason.NoSharedPrompt)]
    public void Texts_that_share_no_prompt_or_end_with_it_cannot_be_used(string chosen, string rejected, DropReason reason) =>
        Assert.Equal(reason, ReadOne(chosen, rejected).Unusable);

    [Fact]
    public void Prompt_and_completions_are_the_texts_again_and_no_word_is_split() => Prop.ForAll(Texts, Texts, Texts, (start, a, b) =>
    {
        var (chosen, rejected) = (start + a + "a", start + b + "b");
        var row = ReadOne(chosen, rejected);
        return row.Unusable is not null
            ? row.Unusable is DropReason.NoSharedPrompt or DropReason.EmptyChosen or DropReason.EmptyRejected
            : row.Prompt + row.Chosen == chosen && row.Prompt + row.Rejected == rejected
                && char.IsWhiteSpace(row.Chosen[0]) && char.IsWhiteSpace(row.Rejected![0]) && !char.IsWhiteSpace(row.Prompt[^1]);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_prompt_that_is_null_is_as_if_absent()
    {
        var path = folder.Write("implicit.jsonl", "{\"prompt\": null, \"chosen\": \"a b\", \"rejected\": \"a c\"}");
        Assert.Equal("a", Assert.Single(PairFile.Read(path, "implicit.jsonl")).Prompt);
    }

    ExampleText ReadOne(string chosen, string rejected)
    {
        var json = System.Text.Json.JsonSerializer.Serialize(
            new Dictionary<string, string> { ["chosen"] = chosen, ["rejected"] = rejected });
        return Assert.Single(PairFile.Read(folder.Write("implicit.jsonl", json), "implicit.jsonl"));
    }
}
