namespace OrtDpo.DemoModel.Topics.Facts;

static class Jobs
{
    static readonly (string Work, string Person)[] Table =
    [
        ("bakes bread", "baker"), ("cuts hair", "hairdresser"), ("teaches children", "teacher"), ("puts out fires", "firefighter"),
        ("flies aeroplanes", "pilot"), ("repairs cars", "mechanic"), ("looks after sick animals", "vet"), ("looks after teeth", "dentist"),
        ("grows wheat", "farmer"), ("catches fish", "fisher"), ("writes software", "programmer"), ("designs houses", "architect"),
        ("repairs pipes", "plumber"), ("makes furniture", "carpenter"), ("delivers letters", "postal worker"),
        ("drives a bus", "bus driver"),
        ("sells meat", "butcher"), ("sells flowers", "florist"), ("cooks in a restaurant", "chef"), ("writes books", "author"),
        ("paints pictures", "painter"), ("takes photographs", "photographer"), ("plays the piano", "pianist"),
        ("studies the stars", "astronomer"),
        ("lends books to readers", "librarian"), ("builds walls", "bricklayer"), ("repairs shoes", "cobbler"), ("makes clothes", "tailor"),
        ("tests eyes", "optician"), ("sells medicine", "pharmacist"), ("works down a mine", "miner"), ("leads an orchestra", "conductor"),
        ("keeps bees", "beekeeper"), ("repairs wiring", "electrician"), ("tells jokes on stage", "comedian"),
        ("digs up old bones", "archaeologist"),
    ];

    public static Topic Topic { get; } = Topic.Of("jobs", Table, fact => new(
        fact.Work,
        [
            $"Who {fact.Work}?", $"What do you call a person who {fact.Work}?", $"What is the job of somebody who {fact.Work}?",
            $"Please name the person who {fact.Work}.", $"My friend {fact.Work}. What is that job called?",
        ],
        [
            $"A person who {fact.Work} is called {English.A(fact.Person)}.",
            $"{English.Start(English.A(fact.Person))} is somebody who {fact.Work}.",
            $"Somebody who {fact.Work} works as {English.A(fact.Person)}.",
        ],
        [$"{English.Start(English.A(fact.Person))}.", $"{English.Start(fact.Person)}."]));
}
