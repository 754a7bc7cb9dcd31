namespace OrtDpo.DemoModel.Topics.Facts;

static class Produce
{
    static readonly (string Name, string Kind)[] Table =
    [
        ("carrot", "vegetable"), ("apple", "fruit"), ("pear", "fruit"), ("leek", "vegetable"), ("cabbage", "vegetable"), ("plum", "fruit"),
        ("peach", "fruit"), ("turnip", "vegetable"), ("potato", "vegetable"), ("mango", "fruit"), ("kiwi", "fruit"), ("onion", "vegetable"),
        ("cauliflower", "vegetable"), ("cherry", "fruit"), ("radish", "vegetable"), ("parsnip", "vegetable"), ("lemon", "fruit"),
        ("grapefruit", "fruit"), ("apricot", "fruit"), ("beetroot", "vegetable"), ("lettuce", "vegetable"), ("raspberry", "fruit"),
        ("banana", "fruit"), ("pineapple", "fruit"), ("swede", "vegetable"), ("artichoke", "vegetable"),
    ];

    public static Topic Topic { get; } = Topic.Of("produce", Table, fact => new(
        fact.Name,
        [
            $"Is {English.A(fact.Name)} a fruit or a vegetable?", $"Does {English.A(fact.Name)} count as a fruit or as a vegetable?",
            $"Should I look for {English.A(fact.Name)} among the fruit or the vegetables?",
            $"Tell me whether {English.A(fact.Name)} is a fruit or a vegetable.",
        ],
        [
            $"{English.Start(English.A(fact.Name))} is a {fact.Kind}.", $"In the kitchen, {English.A(fact.Name)} is a {fact.Kind}.",
            $"Cooks treat {English.A(fact.Name)} as a {fact.Kind}.",
        ],
        [$"{English.Start(fact.Kind)}.", $"A {fact.Kind}."]));
}
