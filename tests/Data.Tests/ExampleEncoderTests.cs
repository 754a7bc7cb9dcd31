using OrtDpo.Batches;
using FsCheck;
using FsCheck.Fluent;

namespace OrtDpo.Data.Tests;

public sealed class ExampleEncoderTests
{
    static readonly Arbitrary<string> Texts =
        Gen.Elements('a', 'b', 'c', ' ').ArrayOf().Select(letters => new string(letters)).ToArbitrary();

    [Fact]
    public void A_prompt_that_begins_the_whole_text_is_sliced_off_and_the_end_of_sequence_is_appended()
    {
        var pair = Encoder(100).Encode(Pair("xy", "ab", "c"));
        Assert.Equal([WordTokenizer.Bos, 'x', 'y'], pair.Tokens!.Prompt);
        Assert.Equal([WordTokenizer.Ab, WordTokenizer.Eos], pair.Tokens.Completions[0]);
        Assert.Equal(['c', WordTokenizer.Eos], pair.Tokens.Completions[1]);
        Assert.False(pair.Boundary);
    }

    [Fact]
    public void A_merge_at_the_boundary_encodes_the_completion_by_itself_and_is_counted()
    {
        var pair = Encoder(100).Encode(Pair("xa", "b", "c"));
        Assert.Equal([WordTokenizer.Bos, 'x', 'a'], pair.Tokens!.Prompt);
        Assert.Equal(['b', WordTokenizer.Eos], pair.Tokens.Completions[0]);
        Assert.True(pair.Boundary);
    }

    [Fact]
    public void An_end_of_sequence_that_is_there_is_not_doubled()
    {
        var encoder = new ExampleEncoder(Encode, Encode, eosId: '!', maxLength: 9);
        Assert.Equal(['y', '!'], encoder.Encode(Pair("x", "y!", "z")).Tokens!.Completions[0]);

        static int[] Encode(string text) => [.. text.Select(c => (int)c)];
    }

    [Fact]
    public void A_completion_of_exactly_the_room_is_whole_and_one_token_more_is_cut_without_an_end_of_sequence()
    {
        // Beginning of sequence and "x" are two tokens: five leave room for three, which "yz" and the end of sequence fill.
        var exact = Encoder(5).Encode(Pair("x", "yz", "yzw"));
        Assert.Equal(['y', 'z', WordTokenizer.Eos], exact.Tokens!.Completions[0]);
        Assert.Equal(['y', 'z', 'w'], exact.Tokens.Completions[1]);
        Assert.Equal((0, 1), (exact.ChosenCut, exact.RejectedCut));
    }

    [Fact]
    public void A_prompt_without_room_for_one_token_is_dropped()
    {
        Assert.Equal(DropReason.PromptTooLong, Encoder(3).Encode(Pair("xy", "c", "d")).Drop);
        Assert.Null(Encoder(4).Encode(Pair("xy", "c", "d")).Drop);
    }

    [Fact]
    public void An_empty_prompt_is_dropped_without_and_kept_with_a_beginning_of_sequence()
    {
        Assert.Equal(
            DropReason.EmptyPrompt,
            new ExampleEncoder(WordTokenizer.Continue, WordTokenizer.Continue, null, 9).Encode(Pair("", "c", "d")).Drop);
        Assert.Equal([WordTokenizer.Bos], Encoder(9).Encode(Pair("", "c", "d")).Tokens!.Prompt);
    }

    // As a normalizer does that strips what it does not know.
    [Theory]
    [InlineData("?", null, DropReason.EmptyCompletion)]
    [InlineData("?", "?", DropReason.EmptyChosen)]
    [InlineData("a", "?", DropReason.EmptyRejected)]
    [InlineData("?", "a", DropReason.EmptyChosen)]
    public void A_completion_without_a_token_is_dropped_under_its_name(string chosen, string? rejected, DropReason reason)
    {
        var encoder = new ExampleEncoder(Encode, Encode, eosId: '!', maxLength: 9);
        var row = rejected is null
            ? new ExampleText("data", 1, "x", [chosen], Judgement.Nothing)
            : Pair("x", chosen, rejected);
        Assert.Equal(reason, encoder.Encode(row).Drop);

        static int[] Encode(string text) => [.. text.Where(char.IsLetter).Select(c => (int)c)];
    }

    [Fact]
    public void A_tokenizer_without_an_end_of_sequence_appends_nothing()
    {
        var encoder = new ExampleEncoder(WordTokenizer.EncodeWithBos, WordTokenizer.Continue, eosId: null, maxLength: 9);
        Assert.Equal(['c'], encoder.Encode(Pair("x", "c", "d")).Tokens!.Completions[0]);
    }

    [Fact]
    public void Uncut_tokens_decode_to_the_texts_whether_prompt_and_completion_merge_or_not() =>
        Prop.ForAll(Texts, Texts, (prompt, completion) =>
        {
            var tokens = Encoder(1000).Encode(Pair(prompt, completion + "c", "c")).Tokens!;
            return WordTokenizer.Decode(tokens.Prompt) == prompt && WordTokenizer.Decode(tokens.Chosen) == completion + "c";
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_kept_completion_fits_and_ends_with_the_end_of_sequence_exactly_if_it_was_not_cut() =>
        Prop.ForAll(Texts, Texts, Gen.Choose(1, 12).ToArbitrary(), (prompt, completion, maxLength) =>
        {
            var text = Pair(prompt, completion + "c", "c" + completion);
            var whole = Encoder(1000).Encode(text).Tokens!;
            var cut = Encoder(maxLength).Encode(text);
            if (cut.Tokens is not { } tokens)
            {
                return cut.Drop == DropReason.PromptTooLong && whole.Prompt.Length + 1 > maxLength;
            }

            return Holds(tokens.Chosen, whole.Chosen, cut.ChosenCut) && Holds(tokens.Rejected, whole.Rejected, cut.RejectedCut);

            bool Holds(int[] kept, int[] full, int removed) =>
                kept.Length >= 1
                && tokens.Prompt.Length + kept.Length <= maxLength
                && full.AsSpan().StartsWith(kept)
                && full.Length == kept.Length + removed
                && kept[^1] == WordTokenizer.Eos == (removed == 0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_row_counts_as_a_boundary_merge_exactly_if_a_completion_continues_a_token_of_the_prompt() =>
        Prop.ForAll(Texts, Texts, (prompt, completion) =>
        {
            var merges = prompt.EndsWith('a') && completion.StartsWith('b');
            return Encoder(1000).Encode(Pair(prompt, completion + "c", "c")).Boundary == merges;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_prompt_over_its_bound_loses_its_beginning_but_for_the_beginning_of_sequence()
    {
        var encoder = Encoder(100, maxPromptLength: 3);
        var whole = encoder.Encode(Pair("xy", "c", "d"));
        Assert.Equal([WordTokenizer.Bos, 'x', 'y'], whole.Tokens!.Prompt);
        Assert.Equal(0, whole.PromptCut);
        var cut = encoder.Encode(Pair("vwxy", "c", "d"));
        Assert.Equal([WordTokenizer.Bos, 'x', 'y'], cut.Tokens!.Prompt);
        Assert.Equal(['c', WordTokenizer.Eos], cut.Tokens.Completions[0]);
        Assert.Equal((2, 0, 0), (cut.PromptCut, cut.ChosenCut, cut.RejectedCut));

        var withoutBos = new ExampleEncoder(WordTokenizer.Continue, WordTokenizer.Continue, WordTokenizer.Eos, 100) { MaxPromptLength = 3 };
        Assert.Equal(['w', 'x', 'y'], withoutBos.Encode(Pair("vwxy", "c", "d")).Tokens!.Prompt);
    }

    [Fact]
    public void A_bounded_prompt_is_the_end_of_the_whole_one_and_its_completions_do_not_depend_on_the_cut() =>
        Prop.ForAll(Texts, Texts, Gen.Choose(2, 12).ToArbitrary(), (prompt, completion, bound) =>
        {
            var text = Pair(prompt, completion + "c", "c" + completion);
            var whole = Encoder(1000).Encode(text);
            var cut = Encoder(1000, bound).Encode(text);
            return cut.Tokens!.Prompt.Length == Math.Min(bound, whole.Tokens!.Prompt.Length)
                && cut.PromptCut == whole.Tokens.Prompt.Length - cut.Tokens.Prompt.Length
                && cut.Tokens.Prompt[0] == WordTokenizer.Bos
                && whole.Tokens.Prompt.AsSpan(1).EndsWith(cut.Tokens.Prompt.AsSpan(1))
                && cut.Tokens.Completions[0].AsSpan().SequenceEqual(whole.Tokens.Completions[0])
                && cut.Tokens.Completions[1].AsSpan().SequenceEqual(whole.Tokens.Completions[1])
                && cut.Boundary == whole.Boundary;
        }).QuickCheckThrowOnFailure();

    static ExampleEncoder Encoder(int maxLength, int? maxPromptLength = null) =>
        new(WordTokenizer.EncodeWithBos, WordTokenizer.Continue, WordTokenizer.Eos, maxLength)
        {
            BosId = WordTokenizer.Bos, MaxPromptLength = maxPromptLength,
        };

    static ExampleText Pair(string prompt, string chosen, string rejected) =>
        new("data.jsonl", 1, prompt, [chosen, rejected], Judgement.Preference.FirstOfTwo);
}
