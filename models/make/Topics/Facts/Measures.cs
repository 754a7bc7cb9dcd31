namespace OrtDpo.DemoModel.Topics.Facts;

static class Measures
{
    static readonly (string Small, string Large, string Count)[] Table =
    [
        ("seconds", "a minute", "sixty"), ("minutes", "an hour", "sixty"), ("hours", "a day", "twenty-four"), ("days", "a week", "seven"),
        ("days", "a leap year", "three hundred and sixty-six"), ("months", "a year", "twelve"), ("years", "a decade", "ten"),
        ("years", "a century", "one hundred"), ("centimetres", "a metre", "one hundred"), ("metres", "a kilometre", "one thousand"),
        ("grams", "a kilogram", "one thousand"), ("kilograms", "a tonne", "one thousand"), ("millilitres", "a litre", "one thousand"),
        ("eggs", "a dozen", "twelve"), ("players", "a football team", "eleven"), ("players", "a basketball team", "five"),
        ("strings", "a violin", "four"), ("strings", "most guitars", "six"), ("bits", "a byte", "eight"),
        ("letters", "the alphabet", "twenty-six"),
        ("minutes", "half an hour", "thirty"), ("minutes", "a quarter of an hour", "fifteen"), ("cents", "a euro", "one hundred"),
        ("millimetres", "a centimetre", "ten"), ("colours", "the rainbow", "seven"), ("seasons", "a year", "four"),
        ("squares", "a chessboard", "sixty-four"), ("planets", "the solar system", "eight"), ("weeks", "a fortnight", "two"),
        ("sides", "a coin", "two"), ("cards", "a full deck", "fifty-two"), ("degrees", "a right angle", "ninety"),
    ];

    public static Topic Topic { get; } = Topic.Of("measures", Table, fact => new(
        $"{fact.Small} in {fact.Large}",
        [
            $"How many {fact.Small} are there in {fact.Large}?", $"Can you tell me how many {fact.Small} are in {fact.Large}?",
            $"Please give me the number of {fact.Small} in {fact.Large}.",
            $"I need to know how many {fact.Small} there are in {fact.Large}.",
        ],
        [
            $"There are {fact.Count} {fact.Small} in {fact.Large}.", $"You will find {fact.Count} {fact.Small} in {fact.Large}.",
            $"The number of {fact.Small} in {fact.Large} is {fact.Count}.",
        ],
        [$"{English.Start(fact.Count)}.", $"It's {fact.Count}."]));
}
