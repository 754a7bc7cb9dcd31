namespace OrtDpo.DemoModel.Topics.Facts;

static class Shapes
{
    static readonly (string Thing, string Part, string Count)[] Table =
    [
        ("triangle", "sides", "three"), ("square", "sides", "four"), ("pentagon", "sides", "five"), ("hexagon", "sides", "six"),
        ("octagon", "sides", "eight"), ("rectangle", "corners", "four"), ("cube", "faces", "six"), ("cube", "edges", "twelve"),
        ("pyramid with a square base", "faces", "five"), ("spider", "legs", "eight"), ("beetle", "legs", "six"), ("horse", "legs", "four"),
        ("sparrow", "legs", "two"), ("butterfly", "wings", "four"), ("duck", "wings", "two"), ("crab", "legs", "ten"),
        ("tricycle", "wheels", "three"), ("bicycle", "wheels", "two"), ("car", "wheels", "four"), ("wheelbarrow", "wheels", "one"),
        ("unicycle", "wheels", "one"), ("starfish", "arms", "five"), ("octopus", "arms", "eight"),
        ("camel from Mongolia", "humps", "two"),
    ];

    public static Topic Topic { get; } = Topic.Of("shapes", Table, fact => new(
        $"{fact.Part} of {fact.Thing}",
        [
            $"How many {fact.Part} does {English.A(fact.Thing)} have?", $"Do you know how many {fact.Part} {English.A(fact.Thing)} has?",
            $"Count the {fact.Part} of {English.A(fact.Thing)}.",
            $"I am drawing {English.A(fact.Thing)}. How many {fact.Part} does it need?",
        ],
        [
            $"{English.Start(English.A(fact.Thing))} has {Counted(fact.Count, fact.Part)}.",
            $"The number of {fact.Part} on {English.A(fact.Thing)} is {fact.Count}.",
            $"You can count {Counted(fact.Count, fact.Part)} on {English.A(fact.Thing)}.",
        ],
        [$"{English.Start(fact.Count)}.", $"Just {fact.Count}."]));

    static string Counted(string count, string part) => count == "one" ? $"one {part.TrimEnd('s')}" : $"{count} {part}";
}
