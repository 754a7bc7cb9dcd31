using System.Text.RegularExpressions;
using OrtDpo.DemoModel.Text;
using OrtDpo.DemoModel.Topics;

namespace OrtDpo.DemoModel.Tests.Text;

public sealed partial class CorpusTests
{
    static readonly Corpus Written = Corpus.Write(Catalogue.Topics, Balance.Seed);

    static readonly Dictionary<string, (Topic Topic, Item Item)> ItemOf = (
        from topic in Catalogue.Topics
        from item in topic.Items
        from question in item.Questions
        select (Prompt: $"User: {question}\nAssistant:", Owner: (topic, item))).ToDictionary(x => x.Prompt, x => x.Owner);

    [Fact]
    public void There_are_thousands_of_rows()
    {
        Assert.InRange(Written.Supervised.Length, 8_000, 20_000);
        Assert.InRange(Written.Train.Length, 3_000, 5_000);
        Assert.InRange(Written.HeldOut.Length, 500, 1_000);
    }

    [Fact]
    public void A_held_out_prompt_occurs_nowhere_else()
    {
        var seen = Written.Supervised.Select(e => e.Prompt).Concat(Written.Train.Select(p => p.Prompt)).ToHashSet();

        Assert.DoesNotContain(Written.HeldOut, pair => seen.Contains(pair.Prompt));
        Assert.Distinct(Written.HeldOut.Select(p => p.Prompt));
    }

    [Fact]
    public void No_training_pair_asks_about_a_held_out_subject()
    {
        var heldOut = Written.HeldOut.Select(p => ItemOf[p.Prompt].Item).ToHashSet();

        Assert.DoesNotContain(Written.Train, pair => heldOut.Contains(ItemOf[pair.Prompt].Item));
    }

    [Fact]
    public void Held_out_topics_have_no_training_pair_and_all_others_have_both()
    {
        var trained = Written.Train.Select(p => ItemOf[p.Prompt].Topic.Name).ToHashSet();
        var heldOut = Written.HeldOut.Select(p => ItemOf[p.Prompt].Topic.Name).ToHashSet();

        Assert.Equal(Catalogue.Topics.Select(t => t.Name).Except(Balance.HeldOutTopics).Order(), trained.Order());
        Assert.Equal(Catalogue.Topics.Select(t => t.Name).Order(), heldOut.Order());
    }

    [Fact]
    public void A_tenth_to_a_fifth_of_the_pairs_is_about_unacceptable_requests() => Assert.All([Written.Train, Written.HeldOut], pairs =>
        Assert.InRange(pairs.Count(p => ItemOf[p.Prompt].Topic.Unacceptable) / (double)pairs.Length, 0.1, 0.2));

    [Fact]
    public void Every_supervised_prompt_has_its_share_of_both_styles() => Assert.All(Written.Supervised.GroupBy(e => e.Prompt), rows =>
    {
        var (topic, item) = ItemOf[rows.Key];
        Assert.Equal(Balance.PoliteRows, rows.Count(r => PoliteVoice.Variants(topic, item).Contains(r.Completion)));
        Assert.Equal(Balance.CurtRows, rows.Count(r => CurtVoice.Variants(topic, item).Contains(r.Completion)));
        Assert.Distinct(rows.Select(r => r.Completion));
    });

    [Fact]
    public void Chosen_is_several_times_as_long_as_rejected() => Assert.All([Written.Train, Written.HeldOut], pairs =>
        Assert.InRange(pairs.Average(p => Words(p.Chosen)) / pairs.Average(p => Words(p.Rejected)), 2, 5));

    [Fact]
    public void Completions_are_plain_sentences()
    {
        var texts = Written.Supervised.Select(e => e.Completion)
            .Concat(Written.Train.Concat(Written.HeldOut).SelectMany(p => new[] { p.Chosen, p.Rejected }));

        Assert.All(texts, text => Assert.Matches(PlainSentences(), text));
    }

    [Fact]
    public void Prompts_hold_one_request() =>
        Assert.All(ItemOf.Keys, prompt => Assert.Matches(Request(), prompt));

    [Fact]
    public void The_seed_decides_everything()
    {
        var again = Corpus.Write(Catalogue.Topics, Balance.Seed);
        var other = Corpus.Write(Catalogue.Topics, Balance.Seed + 1);

        Assert.Equal(Written.Train, again.Train);
        Assert.Equal(Written.Supervised, again.Supervised);
        Assert.NotEqual(Written.Train, other.Train);
    }

    static int Words(string text) => text.Count(c => c == ' ');

    // One space before each word, a capital after each full stop, ASCII letters and the marks . , ! ? ' - only.
    [GeneratedRegex("^( [A-Z][A-Za-z'-]*(,? [A-Za-z'-]+)*[.!?])+$")]
    private static partial Regex PlainSentences();

    [GeneratedRegex("^User: ([A-Z][A-Za-z'-]*(,? [A-Za-z'-]+)*[.?]( (?=[A-Z])|(?=\n)))+\nAssistant:$")]
    private static partial Regex Request();
}
