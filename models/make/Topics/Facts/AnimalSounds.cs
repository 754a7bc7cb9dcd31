namespace OrtDpo.DemoModel.Topics.Facts;

static class AnimalSounds
{
    static readonly (string Animal, string Verb)[] Table =
    [
        ("cats", "meow"), ("dogs", "bark"), ("cows", "moo"), ("horses", "neigh"), ("sheep", "bleat"), ("pigs", "grunt"), ("ducks", "quack"),
        ("geese", "honk"), ("hens", "cluck"), ("roosters", "crow"), ("lions", "roar"), ("wolves", "howl"), ("frogs", "croak"),
        ("owls", "hoot"),
        ("bees", "buzz"), ("snakes", "hiss"), ("mice", "squeak"), ("donkeys", "bray"), ("elephants", "trumpet"), ("pigeons", "coo"),
        ("crickets", "chirp"), ("turkeys", "gobble"), ("ravens", "croak"), ("bears", "growl"),
    ];

    public static Topic Topic { get; } = Topic.Of("animal sounds", Table, fact => new(
        fact.Animal,
        [
            $"What sound do {fact.Animal} make?", $"What noise do {fact.Animal} make?",
            $"My child wants to know what {fact.Animal} sound like.",
            $"Tell me what sound {fact.Animal} make.",
        ],
        [
            $"{English.Start(fact.Animal)} usually {fact.Verb}.", $"The sound that {fact.Animal} make is called {Gerund(fact.Verb)}.",
            $"When they want to be heard, {fact.Animal} {fact.Verb}.",
        ],
        [$"They {fact.Verb}.", $"{English.Start(Gerund(fact.Verb))}."]));

    static string Gerund(string verb) => verb.EndsWith('e') ? $"{verb[..^1]}ing" : $"{verb}ing";
}
