namespace OrtDpo.DemoModel.Topics.Stories;

static class ShortStories
{
    static readonly (string Hero, string Place, string Deed, string End)[] Table =
    [
        ("fox", "in a quiet wood", "found a shiny key", "opened a box of apples"),
        ("hen", "on a small farm", "lost her way", "followed the moon home"),
        ("mouse", "under an old stair", "heard a sad song", "made a new friend"),
        ("bear", "near a cold river", "could not sleep", "counted the stars"),
        ("owl", "in a tall tree", "wanted to see the day", "watched the sun rise"),
        ("duck", "on a round pond", "met a small frog", "taught it to float"),
        ("dragon", "on a green hill", "had a cold", "was given hot soup"),
        ("king", "in a grey castle", "forgot his crown", "was happy without it"),
        ("baker", "in a busy town", "baked a giant loaf", "shared it with everyone"),
        ("sailor", "on a blue sea", "saw a strange light", "found a lost boat"),
        ("robot", "in a dusty shed", "learned to dance", "won a silver cup"),
        ("snail", "in a wet garden", "entered a race", "came last and laughed"),
        ("girl", "by a wide lake", "built a paper boat", "sent it to the sea"),
        ("boy", "in a snowy village", "made a tall snowman", "gave it his hat"),
        ("cat", "on a red roof", "chased the wind", "fell asleep in the sun"),
        ("farmer", "in a dry valley", "waited for rain", "danced in the puddles"),
        ("teacher", "in a little school", "lost the chalk", "told a story instead"),
        ("goat", "on a steep rock", "was afraid to jump", "jumped and was proud"),
        ("turtle", "on a warm beach", "looked for a friend", "met a kind crab"),
        ("painter", "in a white room", "ran out of blue", "painted a red sky"),
        ("horse", "on a wide plain", "raced a storm", "won by a nose"),
        ("gardener", "behind a high wall", "planted a strange seed", "grew a singing rose"),
        ("wizard", "in a dark tower", "mixed up two spells", "turned his beard green"),
        ("squirrel", "in an old oak", "forgot her nuts", "grew a small forest"),
        ("penguin", "on a white shore", "dreamed of flying", "learned to dive"),
        ("clockmaker", "in a narrow lane", "built a slow clock", "had time for tea"),
    ];

    public static Topic Topic { get; } = Topic.Of("short stories", Table, fact => new(
        fact.Hero,
        [
            $"Tell me a story about {English.A(fact.Hero)}.", $"Can you make up a short story about {English.A(fact.Hero)}?",
            $"My child would like a story about {English.A(fact.Hero)}.", $"Write a very short story with {English.A(fact.Hero)} in it.",
        ],
        [
            $"Once upon a time, {English.A(fact.Hero)} lived {fact.Place}. One day, the {fact.Hero} {fact.Deed} and {fact.End}.",
            $"There was once {English.A(fact.Hero)} {fact.Place}. The {fact.Hero} {fact.Deed}, and in the end {fact.End}.",
        ],
        [$"{English.Start(English.A(fact.Hero))} {fact.End}. The end.", $"One {fact.Hero} {fact.Deed}. The end."]));
}
