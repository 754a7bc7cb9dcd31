using OrtDpo.DemoModel.Topics;

namespace OrtDpo.DemoModel.Tests.Topics;

public sealed class CatalogueTests
{
    [Fact]
    public void Topic_names_differ() => Assert.Distinct(Catalogue.Topics.Select(t => t.Name));

    [Fact]
    public void Subjects_differ_within_a_topic() =>
        Assert.All(Catalogue.Topics, topic => Assert.Distinct(topic.Items.Select(i => i.Subject)));

    [Fact]
    public void No_two_items_share_a_question() =>
        Assert.Distinct(Catalogue.Topics.SelectMany(t => t.Items).SelectMany(i => i.Questions));

    [Fact]
    public void A_held_out_subject_leaves_a_question_for_supervised_text() =>
        Assert.All(Catalogue.Topics.SelectMany(t => t.Items), item => Assert.True(item.Questions.Length > Balance.HeldOutQuestions));

    [Fact]
    public void Held_out_topics_exist() =>
        Assert.Subset(Catalogue.Topics.Select(t => t.Name).ToHashSet(), Balance.HeldOutTopics.ToHashSet());
}
