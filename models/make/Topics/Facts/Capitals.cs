namespace OrtDpo.DemoModel.Topics.Facts;

static class Capitals
{
    static readonly (string Country, string City)[] Table =
    [
        ("Argentina", "Buenos Aires"), ("Australia", "Canberra"), ("Austria", "Vienna"), ("Belgium", "Brussels"), ("Brazil", "Brasilia"),
        ("Bulgaria", "Sofia"), ("Canada", "Ottawa"), ("Chile", "Santiago"), ("China", "Beijing"), ("Cuba", "Havana"),
        ("Denmark", "Copenhagen"), ("Egypt", "Cairo"), ("Estonia", "Tallinn"), ("Finland", "Helsinki"), ("France", "Paris"),
        ("Germany", "Berlin"), ("Ghana", "Accra"), ("Greece", "Athens"), ("Hungary", "Budapest"), ("India", "New Delhi"),
        ("Ireland", "Dublin"), ("Italy", "Rome"), ("Japan", "Tokyo"), ("Kenya", "Nairobi"), ("Latvia", "Riga"), ("Mongolia", "Ulaanbaatar"),
        ("Morocco", "Rabat"), ("Nepal", "Kathmandu"), ("Norway", "Oslo"), ("Peru", "Lima"), ("Poland", "Warsaw"), ("Portugal", "Lisbon"),
        ("Romania", "Bucharest"), ("Spain", "Madrid"), ("Sweden", "Stockholm"), ("Thailand", "Bangkok"), ("Tunisia", "Tunis"),
        ("Turkey", "Ankara"), ("Uruguay", "Montevideo"), ("Vietnam", "Hanoi"),
    ];

    public static Topic Topic { get; } = Topic.Of("capitals", Table, fact => new(
        fact.Country,
        [
            $"What is the capital of {fact.Country}?", $"Which city is the capital of {fact.Country}?",
            $"Can you tell me the capital of {fact.Country}?", $"Name the capital of {fact.Country}.",
            $"I forgot the capital of {fact.Country}. Which city is it?",
        ],
        [
            $"The capital of {fact.Country} is {fact.City}.", $"{fact.City} is the capital of {fact.Country}.",
            $"The capital city of {fact.Country} is called {fact.City}.",
        ],
        [$"{fact.City}.", $"It's {fact.City}."]));
}
