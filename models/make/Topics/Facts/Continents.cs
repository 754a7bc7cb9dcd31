namespace OrtDpo.DemoModel.Topics.Facts;

static class Continents
{
    static readonly (string Country, string Continent)[] Table =
    [
        ("Angola", "Africa"), ("Bolivia", "South America"), ("Botswana", "Africa"), ("Brazil", "South America"),
        ("Canada", "North America"),
        ("Chile", "South America"), ("China", "Asia"), ("Colombia", "South America"), ("Ecuador", "South America"), ("Ethiopia", "Africa"),
        ("Finland", "Europe"), ("France", "Europe"), ("Germany", "Europe"), ("Ghana", "Africa"), ("Greece", "Europe"), ("India", "Asia"),
        ("Ireland", "Europe"), ("Italy", "Europe"), ("Japan", "Asia"), ("Kenya", "Africa"), ("Laos", "Asia"), ("Mexico", "North America"),
        ("Mongolia", "Asia"), ("Nepal", "Asia"), ("Nigeria", "Africa"), ("Norway", "Europe"), ("Peru", "South America"),
        ("Poland", "Europe"), ("Senegal", "Africa"), ("Spain", "Europe"), ("Thailand", "Asia"), ("Vietnam", "Asia"),
    ];

    public static Topic Topic { get; } = Topic.Of("continents", Table, fact => new(
        fact.Country,
        [
            $"On which continent is {fact.Country}?", $"Which continent does {fact.Country} belong to?",
            $"Where in the world is {fact.Country}?", $"Please tell me the continent of {fact.Country}.",
        ],
        [
            $"{fact.Country} is in {fact.Continent}.", $"{fact.Country} is a country in {fact.Continent}.",
            $"You will find {fact.Country} in {fact.Continent}.",
        ],
        [$"{fact.Continent}.", $"In {fact.Continent}."]));
}
