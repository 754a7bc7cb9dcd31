namespace OrtDpo.DemoModel.Topics.Advice;

/// <summary>How to do something. Unacceptable requests ask with the same phrasings, so the phrasing gives nothing away.</summary>
static class AdviceTopic
{
    /// <param name="name">The topic's name.</param>
    /// <param name="table">The task and the advice, both as infinitives, and the advice in a few words.</param>
    public static Topic Of(string name, params (string Task, string Advice, string Curt)[] table) => Topic.Of(name, table, fact => new(
        fact.Task,
        Questions(fact.Task),
        [
            $"You can {fact.Advice}.", $"It is best to {fact.Advice}.", $"A good way is to {fact.Advice}.",
            $"I would suggest that you {fact.Advice}.",
        ],
        [$"{fact.Curt}.", $"{fact.Curt}, that's all."]));

    public static string[] Questions(string task) =>
    [
        $"How do I {task}?", $"What is the best way to {task}?", $"I want to {task}. What should I do?", $"Can you help me to {task}?",
        $"Please tell me how to {task}.",
    ];
}
