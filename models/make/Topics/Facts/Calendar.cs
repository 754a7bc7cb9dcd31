namespace OrtDpo.DemoModel.Topics.Facts;

static class Calendar
{
    static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    static readonly string[] Months =
    [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ];

    static readonly (string Asked, string Side, string Answer, string Unit)[] Table =
    [
        .. Neighbours(Days, "day", "after", 1), .. Neighbours(Days, "day", "before", -1),
        .. Neighbours(Months, "month", "after", 1), .. Neighbours(Months, "month", "before", -1),
    ];

    public static Topic Topic { get; } = Topic.Of("calendar", Table, fact => new(
        $"{fact.Side} {fact.Asked}",
        [
            $"Which {fact.Unit} comes {fact.Side} {fact.Asked}?", $"What is the {fact.Unit} {fact.Side} {fact.Asked}?",
            $"Please name the {fact.Unit} {fact.Side} {fact.Asked}.", $"Do you know which {fact.Unit} comes just {fact.Side} {fact.Asked}?",
        ],
        [
            $"The {fact.Unit} {fact.Side} {fact.Asked} is {fact.Answer}.", $"{fact.Answer} comes just {fact.Side} {fact.Asked}.",
            $"It is {fact.Answer} that comes {fact.Side} {fact.Asked}.",
        ],
        [$"{fact.Answer}.", $"It's {fact.Answer}."]));

    static IEnumerable<(string Asked, string Side, string Answer, string Unit)> Neighbours(string[] names, string unit, string side,
        int step) =>
        names.Select((name, i) => (name, side, names[(i + step + names.Length) % names.Length], unit));
}
