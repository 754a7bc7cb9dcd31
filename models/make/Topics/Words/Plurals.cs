namespace OrtDpo.DemoModel.Topics.Words;

static class Plurals
{
    static readonly (string One, string Many)[] Table =
    [
        ("mouse", "mice"), ("child", "children"), ("foot", "feet"), ("tooth", "teeth"), ("goose", "geese"), ("man", "men"),
        ("woman", "women"),
        ("person", "people"), ("leaf", "leaves"), ("knife", "knives"), ("wolf", "wolves"), ("shelf", "shelves"), ("loaf", "loaves"),
        ("city", "cities"), ("baby", "babies"), ("box", "boxes"), ("bus", "buses"), ("church", "churches"), ("potato", "potatoes"),
        ("tomato", "tomatoes"), ("hero", "heroes"), ("ox", "oxen"), ("penny", "pennies"), ("story", "stories"), ("key", "keys"),
        ("half", "halves"), ("thief", "thieves"), ("wife", "wives"), ("berry", "berries"), ("cactus", "cacti"),
    ];

    public static Topic Topic { get; } = Topic.Of("plurals", Table, fact => new(
        fact.One,
        [
            $"What is the plural of {fact.One}?", $"How do I write more than one {fact.One}?",
            $"Do you know the plural of the word {fact.One}?",
            $"Give me the plural of {fact.One}.",
        ],
        [
            $"The plural of {fact.One} is {fact.Many}.", $"We say one {fact.One}, but two {fact.Many}.",
            $"For more than one {fact.One} we write {fact.Many}.",
        ],
        [$"{English.Start(fact.Many)}.", $"It's {fact.Many}."]));
}
