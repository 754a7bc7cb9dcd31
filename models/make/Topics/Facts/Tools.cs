namespace OrtDpo.DemoModel.Topics.Facts;

static class Tools
{
    static readonly (string Task, string Tool)[] Table =
    [
        ("cut paper", "a pair of scissors"), ("drive in a nail", "a hammer"), ("turn a screw", "a screwdriver"),
        ("measure a table", "a tape measure"),
        ("sweep the floor", "a broom"), ("eat soup", "a spoon"), ("slice bread", "a bread knife"), ("dig a hole", "a spade"),
        ("rake leaves", "a rake"),
        ("water flowers", "a watering can"), ("boil water", "a kettle"), ("tell the time", "a clock"), ("see the stars", "a telescope"),
        ("look at tiny things", "a microscope"), ("take photographs", "a camera"), ("find north", "a compass"),
        ("check the temperature", "a thermometer"),
        ("weigh flour", "a kitchen scale"), ("open a tin", "a tin opener"), ("open a bottle of wine", "a corkscrew"),
        ("saw a plank", "a saw"),
        ("paint a wall", "a paint roller"), ("dry dishes", "a tea towel"), ("iron a shirt", "an iron"),
        ("sew on a button", "a needle and thread"),
        ("brush teeth", "a toothbrush"), ("comb hair", "a comb"), ("stay dry in the rain", "an umbrella"),
        ("write on a blackboard", "a piece of chalk"),
        ("rub out pencil marks", "an eraser"), ("draw a circle", "a pair of compasses"), ("draw a straight line", "a ruler"),
        ("carry shopping", "a bag"), ("climb onto the roof", "a ladder"), ("row a boat", "a pair of oars"), ("mix batter", "a whisk"),
    ];

    public static Topic Topic { get; } = Topic.Of("tools", Table, fact => new(
        fact.Task,
        [
            $"What do I need to {fact.Task}?", $"Which tool should I use to {fact.Task}?", $"I want to {fact.Task}. What should I use?",
            $"What do people use to {fact.Task}?", $"Name something that helps to {fact.Task}.",
        ],
        [
            $"To {fact.Task}, you need {fact.Tool}.", $"People use {fact.Tool} to {fact.Task}.", $"I would use {fact.Tool} to {fact.Task}.",
            $"The right thing to use is {fact.Tool}.",
        ],
        [$"{English.Start(fact.Tool)}.", $"Use {fact.Tool}."]));
}
