namespace OrtDpo.DemoModel.Topics.Facts;

static class YoungAnimals
{
    static readonly (string Animal, string Young)[] Table =
    [
        ("cat", "kitten"), ("dog", "puppy"), ("cow", "calf"), ("horse", "foal"), ("sheep", "lamb"), ("goat", "kid"), ("pig", "piglet"),
        ("duck", "duckling"), ("goose", "gosling"), ("hen", "chick"), ("swan", "cygnet"), ("bear", "cub"), ("lion", "cub"), ("fox", "cub"),
        ("kangaroo", "joey"), ("deer", "fawn"), ("frog", "tadpole"), ("owl", "owlet"), ("elephant", "calf"), ("whale", "calf"),
        ("seal", "pup"), ("hare", "leveret"), ("eagle", "eaglet"), ("butterfly", "caterpillar"),
    ];

    public static Topic Topic { get; } = Topic.Of("young animals", Table, fact => new(
        fact.Animal,
        [
            $"What do you call a young {fact.Animal}?", $"What is the name for a baby {fact.Animal}?",
            $"Which word do people use for a young {fact.Animal}?", $"Tell me the word for a baby {fact.Animal}.",
        ],
        [
            $"A young {fact.Animal} is called {English.A(fact.Young)}.", $"The word for a baby {fact.Animal} is {fact.Young}.",
            $"People call a young {fact.Animal} {English.A(fact.Young)}.",
        ],
        [$"{English.Start(English.A(fact.Young))}.", $"{English.Start(fact.Young)}."]));
}
