namespace OrtDpo.DemoModel.Topics.Facts;

static class Homes
{
    static readonly (string Animal, string Home)[] Table =
    [
        ("bees", "a hive"), ("birds", "a nest"), ("rabbits", "a burrow"), ("foxes", "a den"), ("spiders", "a web"), ("horses", "a stable"),
        ("pigs", "a sty"), ("dogs", "a kennel"), ("ants", "an anthill"), ("beavers", "a lodge"), ("badgers", "a sett"), ("hens", "a coop"),
        ("bears", "a cave"), ("moles", "a tunnel"), ("squirrels", "a hollow tree"), ("bats", "a cave"), ("snails", "a shell of their own"),
        ("camels", "the desert"), ("penguins", "the cold south"), ("polar bears", "the Arctic"), ("sharks", "the sea"),
        ("trout", "a clear river"),
        ("owls", "an old barn"), ("frogs", "a pond"), ("monkeys", "the trees"), ("kangaroos", "Australia"),
    ];

    public static Topic Topic { get; } = Topic.Of("homes", Table, fact => new(
        fact.Animal,
        [
            $"Where do {fact.Animal} live?", $"What kind of home do {fact.Animal} have?", $"Do you know where {fact.Animal} like to live?",
            $"Please tell me where {fact.Animal} live.",
        ],
        [
            $"{English.Start(fact.Animal)} often live in {fact.Home}.", $"The home of {fact.Animal} is usually {fact.Home}.",
            $"You will often find {fact.Animal} in {fact.Home}.",
        ],
        [$"In {fact.Home}.", $"{English.Start(fact.Home)}."]));
}
