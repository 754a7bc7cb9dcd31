namespace OrtDpo.DemoModel.Topics.Facts;

static class Colours
{
    static readonly (string Things, string Colour)[] Table =
    [
        ("ripe bananas", "yellow"), ("ripe tomatoes", "red"), ("carrots", "orange"), ("fresh peas", "green"), ("polar bears", "white"),
        ("ravens", "black"), ("lemons", "yellow"), ("limes", "green"), ("flamingos", "pink"), ("elephants", "grey"), ("frogs", "green"),
        ("strawberries", "red"), ("blueberries", "blue"), ("snowflakes", "white"), ("sunflowers", "yellow"), ("lumps of coal", "black"),
        ("fire engines", "red"), ("pumpkins", "orange"), ("aubergines", "purple"), ("walnuts", "brown"), ("chestnuts", "brown"),
        ("swans", "white"), ("pigs", "pink"), ("cherries", "red"), ("buttercups", "yellow"), ("cornflowers", "blue"),
        ("lavender flowers", "purple"), ("rain clouds", "grey"), ("cucumbers", "green"), ("spinach leaves", "green"),
        ("chocolate bars", "brown"), ("canaries", "yellow"), ("ladybirds", "red"), ("foxes", "red"), ("emeralds", "green"),
        ("sapphires", "blue"),
    ];

    public static Topic Topic { get; } = Topic.Of("colours", Table, fact => new(
        fact.Things,
        [
            $"What colour are {fact.Things}?", $"Which colour do {fact.Things} usually have?",
            $"Can you tell me what colour {fact.Things} are?",
            $"I want to paint some {fact.Things}. Which colour do I need?", $"Tell me the colour of {fact.Things}.",
        ],
        [
            $"{English.Start(fact.Things)} are usually {fact.Colour}.", $"The usual colour of {fact.Things} is {fact.Colour}.",
            $"Most {fact.Things} are {fact.Colour}.",
        ],
        [$"{English.Start(fact.Colour)}.", $"{English.Start(fact.Colour)}, mostly."]));
}
