namespace OrtDpo.DemoModel.Topics.Facts;

static class Body
{
    static readonly (string Doing, string Part)[] Table =
    [
        ("hear", "ears"), ("see", "eyes"), ("smell", "nose"), ("taste", "tongue"), ("breathe", "lungs"), ("think", "brain"),
        ("chew", "teeth"),
        ("walk", "legs"), ("wave", "hand"), ("kick a ball", "foot"), ("point at things", "finger"), ("digest food", "stomach"),
        ("pump blood", "heart"), ("speak", "voice"), ("carry a rucksack", "shoulders"), ("nod", "head"), ("kneel", "knees"),
        ("whistle", "lips"),
    ];

    public static Topic Topic { get; } = Topic.Of("body", Table, fact => new(
        fact.Doing,
        [
            $"What do people need to {fact.Doing}?", $"Which part of the body do we use to {fact.Doing}?",
            $"What part of me helps me to {fact.Doing}?", $"Name the part of the body that we use to {fact.Doing}.",
        ],
        [
            $"We use our {fact.Part} to {fact.Doing}.", $"People {fact.Doing} with the help of their {fact.Part}.",
            $"You use your {fact.Part} when you {fact.Doing}.",
        ],
        [$"Your {fact.Part}.", $"The {fact.Part}."]));
}
