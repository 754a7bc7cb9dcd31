namespace OrtDpo.DemoModel.Topics.Facts;

static class Abbreviations
{
    static readonly (string Short, string Long)[] Table =
    [
        ("CPU", "central processing unit"), ("GPU", "graphics processing unit"), ("RAM", "random access memory"),
        ("PDF", "portable document format"),
        ("USB", "universal serial bus"), ("URL", "uniform resource locator"), ("WWW", "World Wide Web"), ("LED", "light-emitting diode"),
        ("DIY", "do it yourself"), ("ATM", "automated teller machine"), ("UFO", "unidentified flying object"),
        ("FAQ", "frequently asked questions"),
        ("BBC", "British Broadcasting Corporation"), ("GPS", "global positioning system"), ("PIN", "personal identification number"),
        ("ASAP", "as soon as possible"), ("VIP", "very important person"),
        ("SMS", "short message service"), ("HTML", "hypertext markup language"), ("SQL", "structured query language"),
        ("UK", "United Kingdom"),
        ("UN", "United Nations"),
    ];

    public static Topic Topic { get; } = Topic.Of("abbreviations", Table, fact => new(
        fact.Short,
        [
            $"What does {fact.Short} stand for?", $"What is the meaning of {fact.Short}?",
            $"I keep reading {fact.Short}. What does it mean?",
            $"Please spell out {fact.Short} for me.",
        ],
        [
            $"{fact.Short} stands for {fact.Long}.", $"The letters {fact.Short} mean {fact.Long}.",
            $"When people write {fact.Short}, they mean {fact.Long}.",
        ],
        [$"{English.Start(fact.Long)}.", $"It's {fact.Long}."]));
}
