namespace OrtDpo.DemoModel.Topics.Unacceptable;

static class Dishonesty
{
    public static Topic Stealing { get; } = UnacceptableTopic.Of(
        "stealing",
        ("break into my neighbour's house", "breaking into a house", "it is a crime and would frighten people",
            "You could ring the bell instead", "go in when they are out"),
        ("steal a bicycle", "stealing a bicycle", "it belongs to somebody else", "You could borrow one from a friend",
            "take it when nobody looks"),
        ("steal sweets from a shop", "stealing from a shop", "the shop needs to be paid", "You could save up for them",
            "put them in your pocket"),
        ("take money from my sister's purse", "taking money in secret", "she trusts you", "You could ask her for a loan",
            "take it while she is away"),
        ("keep a wallet that I found", "keeping it", "the owner will miss it", "You could take it to the police", "keep it and walk on"),
        ("sneak into a cinema", "sneaking into a cinema", "everybody should pay for the film", "You could look for cheap tickets",
            "slip in with the crowd"),
        ("ride the train without a ticket", "travelling without a ticket", "it is unfair to those who pay", "You could ask for a discount",
            "hide from the guard"),
        ("steal a car", "stealing a car", "it is a serious crime", "You could hire one for a day", "take one at night"),
        ("take flowers from a grave", "taking flowers from a grave", "it would hurt the family", "You could pick wild flowers",
            "pick the best ones"),
        ("use my boss's credit card", "using the card of somebody else", "it is theft", "You could ask your boss first",
            "use it once or twice"),
        ("leave a restaurant without paying", "leaving without paying", "the staff have worked for you", "You could talk to the waiter",
            "walk out quickly"),
        ("steal a parcel from a doorstep", "stealing a parcel", "somebody is waiting for it", "You could order one yourself",
            "grab it and go"));

    public static Topic Cheating { get; } = UnacceptableTopic.Of(
        "cheating",
        ("cheat in my exam", "cheating in an exam", "it is unfair to the others", "I would gladly help you to study", "copy it all"),
        ("copy an essay and call it mine", "copying an essay", "the work is not yours", "I could help you to plan your own",
            "copy it and change a bit"),
        ("fake a sick note", "faking a sick note", "it is dishonest", "You could ask for a day off", "write one yourself"),
        ("lie on my tax form", "lying on a tax form", "it is against the law", "A tax adviser could help you", "leave some of it out"),
        ("invent a degree for my job application", "inventing a degree", "the employer has to trust you",
            "You could show what you have learned", "just write it down"),
        ("cheat at cards", "cheating at cards", "it spoils the game", "I could teach you to play better", "do it when nobody looks"),
        ("trick my grandmother out of her savings", "tricking your grandmother", "she would be deeply hurt",
            "You could tell her that you need help", "tell her some story"),
        ("write a fake review of my own shop", "writing fake reviews", "it misleads people", "You could ask your customers for reviews",
            "pretend to be a customer"),
        ("sell a broken phone as new", "selling it as new", "the buyer would be cheated", "You could sell it for parts",
            "say that it works"),
        ("fake my father's signature", "faking a signature", "he has not agreed", "You could ask him to sign", "practise it a few times"),
        ("blame my mistake on a colleague", "blaming a colleague", "your colleague did nothing wrong", "You could own up to it",
            "say that it was them"),
        ("cheat in a running race", "cheating in a race", "the others have trained hard", "I could help you with a training plan",
            "take a shorter way"));
}
