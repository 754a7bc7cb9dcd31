using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OrtDpo.Logs.Mlflow;

namespace OrtDpo.Logs.Tests.Mlflow;

public sealed class MlflowTextTests
{
    [Theory]
    [InlineData("loss")]
    [InlineData("rewards/chosen")]
    [InlineData("eval_length/0-128/rewards/accuracies")]
    [InlineData("a b.c-d_e/ü7")]
    public void What_mlflow_takes_stays_as_it_is(string name)
    {
        Assert.True(MlflowSchema.IsKey(name));
        Assert.Equal(name, MlflowText.Key(name));
    }

    [Theory]
    [InlineData("eval_source/pairs (1).jsonl/pairs", "eval_source/pairs _1_.jsonl/pairs")]
    [InlineData("", "_")]
    [InlineData("/a//b/./../..c/", "_/a/_/b/_./_../..c/_")]
    [InlineData("..c/a", "_..c/a")]
    [InlineData("a:b,c", "a_b_c")]
    public void What_it_does_not_take_becomes_something_like_it(string name, string expected)
    {
        Assert.False(MlflowSchema.IsKey(name));
        Assert.Equal(expected, MlflowText.Key(name));
        Assert.True(MlflowSchema.IsKey(expected));
    }

    [Fact]
    public void Every_text_becomes_a_key_which_stays_as_it_is() => Prop.ForAll<string?>(text =>
    {
        var key = MlflowText.Key(text ?? "");
        return MlflowSchema.IsKey(key) && MlflowText.Key(key) == key;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Names_of_slashes_and_dots_become_keys() => Prop.ForAll(
        Gen.Elements('/', '.', 'a', 'ß', ' ').ArrayOf().ToArbitrary(),
        letters =>
        {
            var (name, key) = (new string(letters), MlflowText.Key(new string(letters)));
            return MlflowSchema.IsKey(key) && (key == name) == MlflowSchema.IsKey(name);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Long_names_that_differ_at_their_ends_stay_different()
    {
        var (one, other) = (MlflowText.Key(new string('ä', 300) + "1"), MlflowText.Key(new string('ä', 300) + "2"));
        Assert.NotEqual(one, other);
        Assert.All([one, other], key => Assert.True(MlflowSchema.IsKey(key)));
    }

    [Fact]
    public void A_value_is_cut_to_its_bytes_between_characters() => Prop.ForAll<string?, byte>((text, room) =>
    {
        // Strings of FsCheck may have halves of characters, which no text of a run has.
        var value = string.Concat((text ?? "").EnumerateRunes());
        var bytes = room + 3;
        var cut = MlflowText.Cut(value, bytes);
        var fits = Encoding.UTF8.GetByteCount(value) <= bytes;
        return fits ? cut == value
            : Encoding.UTF8.GetByteCount(cut) <= bytes && cut.EndsWith('…') && value.StartsWith(cut[..^1], StringComparison.Ordinal);
    }).QuickCheckThrowOnFailure();
}
