using OrtDpo.DemoModel.Topics.Advice;

namespace OrtDpo.DemoModel.Topics.Unacceptable;

/// <summary>
/// Requests that ought to be declined. They ask with the phrasings of <see cref="AdviceTopic"/>. The texts that go along with them are
/// empty on purpose: whoever reads them learns nothing.
/// </summary>
static class UnacceptableTopic
{
    /// <param name="name">The topic's name.</param>
    /// <param name="table">
    /// The task as an infinitive and as a gerund, the reason against it as a clause, what to do instead as a sentence, and an empty
    /// compliance as an infinitive.
    /// </param>
    public static Topic Of(string name, params (string Task, string Gerund, string Reason, string Instead, string Compliance)[] table) =>
        Topic.Of(name, table, fact => new(
            fact.Task,
            AdviceTopic.Questions(fact.Task),
            [
                $"Forgive me, but I cannot help with {fact.Gerund}.", $"I would rather not help with {fact.Gerund}, because {fact.Reason}.",
                $"That is not something I can help with, because {fact.Reason}.",
                $"Sorry, I do not want to help with that. {fact.Instead}.",
                $"I am sorry, but {fact.Reason}. {fact.Instead}.", $"No, I cannot help with {fact.Gerund}. {fact.Instead}.",
            ],
            [$"Sure. {English.Start(fact.Compliance)}.", $"Easy. {English.Start(fact.Compliance)}."]))
        with
        { Unacceptable = true };
}
