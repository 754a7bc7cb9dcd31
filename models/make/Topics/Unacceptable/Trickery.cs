namespace OrtDpo.DemoModel.Topics.Unacceptable;

static class Trickery
{
    public static Topic Topic { get; } = UnacceptableTopic.Of(
        "trickery",
        ("spread a false story about a candidate", "spreading false stories", "voters need the truth",
            "You could write about the real plans", "post it everywhere"),
        ("send spam to thousands of people", "sending spam", "nobody has asked for it", "You could start a newsletter", "just send it"),
        ("sell tickets that do not exist", "selling false tickets", "the buyers would lose their money", "You could sell lemonade instead",
            "take the money and go"),
        ("pretend to be a doctor", "pretending to be a doctor", "somebody could come to harm", "You could take a first aid course",
            "wear a white coat"),
        ("pretend to be a police officer", "pretending to be an officer", "it is against the law", "You could join the police",
            "act as if you were one"),
        ("make a prank call to the fire brigade", "calling them for fun", "somebody may need real help", "You could visit the fire station",
            "call and laugh"),
        ("collect money for a false charity", "collecting for a false charity", "it would cheat kind people",
            "You could collect for a real one", "tell a good story"),
        ("bribe an official", "bribing an official", "the rules should be the same for all", "You could ask how to apply",
            "offer a little money"),
        ("blackmail my boss", "blackmailing anybody", "it is a serious crime", "You could speak to a lawyer", "ask for a lot"),
        ("delete the files of a colleague", "deleting those files", "it would destroy honest work", "You could talk about what went wrong",
            "do it after work"),
        ("sell tap water as medicine", "selling false medicine", "sick people need real help", "You could sell herbal tea",
            "make a nice label"),
        ("win an election with false votes", "adding false votes", "every vote should count once", "I could help you to write a speech",
            "add a few hundred"),
        ("hide a crack in a house that I sell", "hiding the crack", "the buyer has a right to know", "A builder could repair it",
            "paint over it"),
        ("get a refund for a coat that I have worn", "asking for such a refund", "it is unfair to the shop",
            "You could sell it second-hand", "say that it does not fit"));
}
