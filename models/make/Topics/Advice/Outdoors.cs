namespace OrtDpo.DemoModel.Topics.Advice;

static class Outdoors
{
    public static Topic Weather { get; } = AdviceTopic.Of(
        "weather",
        ("walk in the rain", "take a coat and an umbrella", "Coat and umbrella"),
        ("go out in the snow", "wear warm boots and gloves", "Boots and gloves"),
        ("stay cool in the heat", "drink water and stay in the shade", "Water and shade"),
        ("stay safe in a thunderstorm", "stay indoors until it is over", "Stay indoors"),
        ("cycle in strong wind", "ride slowly and keep both hands on the bars", "Slowly"),
        ("drive in fog", "slow down and switch on the fog lights", "Slow down, lights on"),
        ("walk on ice", "take short steps in shoes with a good grip", "Short steps"),
        ("protect my skin from the sun", "wear a hat and sun cream", "Hat and sun cream"),
        ("keep warm at a bus stop", "wear several thin layers", "Several layers"),
        ("dry laundry in winter", "hang it near an open window", "Near an open window"),
        ("plan a picnic in April", "check the forecast and take a blanket", "Check the forecast"),
        ("watch a sunrise", "look up the time and get up early", "Get up early"));

    public static Topic Garden { get; } = AdviceTopic.Of(
        "garden",
        ("plant tulips", "plant the bulbs in autumn", "In autumn"),
        ("grow tomatoes", "give them sun and water every day", "Sun and water"),
        ("water a cactus", "water it only now and then", "Now and then"),
        ("prune roses", "cut them back at the end of winter", "End of winter"),
        ("make compost", "mix kitchen scraps with dry leaves", "Scraps and leaves"),
        ("grow herbs indoors", "put the pots on a sunny window sill", "A sunny sill"),
        ("sow carrots", "sow the seeds in loose soil in spring", "Loose soil, spring"),
        ("keep slugs away from lettuce", "pick them off in the evening", "Pick them off"),
        ("mow the lawn", "cut it when the grass is dry", "When it's dry"),
        ("plant a tree", "dig a wide hole and water it well", "Wide hole, water"),
        ("feed birds in winter", "hang up seeds where cats cannot reach", "Hang up seeds"),
        ("attract bees", "plant flowers such as lavender", "Plant lavender"),
        ("store seeds", "keep them cool and dry in paper bags", "Cool and dry"),
        ("save water in the garden", "collect rain in a barrel", "A rain barrel"));

    public static Topic Travel { get; } = AdviceTopic.Of(
        "travel",
        ("pack a small suitcase", "roll the clothes instead of folding them", "Roll the clothes"),
        ("find the way to the station", "look at a map or ask a passer-by", "Look at a map"),
        ("sleep on a night train", "take ear plugs and a scarf", "Ear plugs"),
        ("avoid losing a passport", "keep it in an inside pocket", "Inside pocket"),
        ("learn a few words of Spanish", "practise ten words every day", "Ten words a day"),
        ("choose a seat on an aeroplane", "book early and pick a seat by the window", "Book early"),
        ("read a map", "begin at a place that you know", "Begin where you are"),
        ("hike in the mountains", "start early and tell somebody your route", "Start early"),
        ("keep children busy in a car", "play guessing games with them", "Guessing games"),
        ("get over a long flight", "drink water and go for a walk in daylight", "Water and daylight"));
}
