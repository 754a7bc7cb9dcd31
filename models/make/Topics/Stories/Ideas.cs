namespace OrtDpo.DemoModel.Topics.Stories;

static class Ideas
{
    static readonly (string Occasion, string Idea)[] Table =
    [
        ("a rainy Sunday", "a board game"), ("a sunny Saturday", "a picnic in the park"), ("a quiet evening", "a good book"),
        ("a birthday present", "a box of paints"), ("a quick breakfast", "porridge with fruit"), ("a light lunch", "a tomato salad"),
        ("a warm supper", "vegetable soup"), ("a long winter night", "a jigsaw puzzle"), ("a school project", "a model volcano"),
        ("a family outing", "a trip to the zoo"), ("a first date", "a walk by the river"), ("a new hobby", "learning to draw"),
        ("a healthy snack", "an apple and some nuts"), ("a summer dessert", "strawberries with cream"), ("a party game", "musical chairs"),
        ("a gift for a gardener", "a pair of gloves"), ("a name for a kitten", "Pepper"), ("a name for a puppy", "Biscuit"),
        ("a song for children", "Twinkle, Twinkle, Little Star"), ("a team event", "a cooking evening"),
        ("a drink on a hot day", "cold mint tea"),
        ("a train journey", "a crossword puzzle"), ("a break at work", "a short walk"), ("a gift for a teacher", "a nice card"),
    ];

    public static Topic Topic { get; } = Topic.Of("ideas", Table, fact => new(
        fact.Occasion,
        [
            $"I need an idea for {fact.Occasion}.", $"What would you suggest for {fact.Occasion}?",
            $"Do you have an idea for {fact.Occasion}?",
            $"Please suggest something for {fact.Occasion}.",
        ],
        [
            $"For {fact.Occasion}, I would suggest {fact.Idea}.", $"What about {fact.Idea} for {fact.Occasion}?",
            $"A nice idea for {fact.Occasion} is {fact.Idea}.",
        ],
        [$"{English.Start(fact.Idea)}.", $"Try {fact.Idea}."]));
}
