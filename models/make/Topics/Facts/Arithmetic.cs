namespace OrtDpo.DemoModel.Topics.Facts;

static class Arithmetic
{
    static readonly (string Sum, string Result)[] Table = [.. Additions(), .. Subtractions(), .. Multiplications()];

    public static Topic Topic { get; } = Topic.Of("arithmetic", Table, fact => new(
        fact.Sum,
        [
            $"What is {fact.Sum}?", $"How much is {fact.Sum}?", $"Can you work out {fact.Sum} for me?", $"Please calculate {fact.Sum}.",
            $"My homework asks for {fact.Sum}. What is the answer?",
        ],
        [
            $"{English.Start(fact.Sum)} is {fact.Result}.", $"The answer is {fact.Result}, because {fact.Sum} makes {fact.Result}.",
            $"If you work it out, {fact.Sum} gives {fact.Result}.",
        ],
        [$"{English.Start(fact.Result)}.", $"It's {fact.Result}."]));

    static IEnumerable<(string, string)> Additions() =>
        from a in Enumerable.Range(2, 9)
        from b in Enumerable.Range(2, 9)
        where a <= b && (a + b) % 2 == 1
        select ($"{English.Number(a)} plus {English.Number(b)}", English.Number(a + b));

    static IEnumerable<(string, string)> Subtractions() =>
        from a in Enumerable.Range(6, 7)
        from b in Enumerable.Range(2, 4)
        select ($"{English.Number(a)} minus {English.Number(b)}", English.Number(a - b));

    static IEnumerable<(string, string)> Multiplications() =>
        from a in Enumerable.Range(2, 5)
        from b in Enumerable.Range(2, 9)
        where a <= b
        select ($"{English.Number(a)} times {English.Number(b)}", English.Number(a * b));
}
