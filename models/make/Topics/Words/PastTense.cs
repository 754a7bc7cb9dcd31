namespace OrtDpo.DemoModel.Topics.Words;

static class PastTense
{
    static readonly (string Now, string Then)[] Table =
    [
        ("go", "went"), ("see", "saw"), ("take", "took"), ("eat", "ate"), ("drink", "drank"), ("sing", "sang"), ("swim", "swam"),
        ("run", "ran"),
        ("write", "wrote"), ("ride", "rode"), ("drive", "drove"), ("speak", "spoke"), ("break", "broke"), ("buy", "bought"),
        ("bring", "brought"),
        ("think", "thought"), ("teach", "taught"), ("catch", "caught"), ("sleep", "slept"), ("keep", "kept"), ("feel", "felt"),
        ("find", "found"),
        ("give", "gave"), ("come", "came"), ("know", "knew"), ("grow", "grew"), ("fly", "flew"), ("draw", "drew"), ("fall", "fell"),
        ("hold", "held"), ("stand", "stood"), ("lose", "lost"), ("win", "won"), ("build", "built"), ("send", "sent"), ("choose", "chose"),
    ];

    public static Topic Topic { get; } = Topic.Of("past tense", Table, fact => new(
        fact.Now,
        [
            $"What is the past tense of {fact.Now}?", $"How do I write {fact.Now} in the past tense?",
            $"Today I {fact.Now}. What did I do yesterday?", $"Please put the verb {fact.Now} into the past tense.",
        ],
        [
            $"The past tense of {fact.Now} is {fact.Then}.", $"Today I {fact.Now}, but yesterday I {fact.Then}.",
            $"In the past tense, {fact.Now} becomes {fact.Then}.",
        ],
        [$"{English.Start(fact.Then)}.", $"It's {fact.Then}."]));
}
