namespace OrtDpo.DemoModel.Topics.Words;

static class Opposites
{
    static readonly (string Word, string Opposite)[] Table =
    [
        ("hot", "cold"), ("big", "small"), ("tall", "short"), ("fast", "slow"), ("old", "young"), ("happy", "sad"), ("light", "dark"),
        ("open", "closed"), ("full", "empty"), ("early", "late"), ("near", "far"), ("strong", "weak"), ("rich", "poor"),
        ("clean", "dirty"), ("dry", "wet"), ("loud", "quiet"), ("easy", "difficult"), ("thick", "thin"), ("wide", "narrow"),
        ("deep", "shallow"),
        ("sharp", "blunt"), ("sweet", "sour"), ("smooth", "rough"), ("hard", "soft"), ("high", "low"), ("left", "right"), ("up", "down"),
        ("inside", "outside"), ("first", "last"), ("always", "never"), ("begin", "end"), ("arrive", "leave"), ("buy", "sell"),
        ("give", "take"),
        ("push", "pull"), ("laugh", "cry"), ("remember", "forget"), ("win", "lose"), ("brave", "timid"), ("polite", "rude"),
        ("true", "false"),
        ("cheap", "expensive"), ("safe", "dangerous"), ("tight", "loose"), ("north", "south"), ("east", "west"), ("day", "night"),
    ];

    public static Topic Topic { get; } = Topic.Of("opposites", Table, fact => new(
        fact.Word,
        [
            $"What is the opposite of {fact.Word}?", $"Which word means the opposite of {fact.Word}?",
            $"Can you give me the opposite of {fact.Word}?",
            $"Tell me the opposite of {fact.Word}.", $"I am looking for a word that is the opposite of {fact.Word}.",
        ],
        [
            $"The opposite of {fact.Word} is {fact.Opposite}.", $"{English.Start(fact.Opposite)} is the opposite of {fact.Word}.",
            $"A word that means the opposite of {fact.Word} is {fact.Opposite}.",
        ],
        [$"{English.Start(fact.Opposite)}.", $"It's {fact.Opposite}."]));
}
