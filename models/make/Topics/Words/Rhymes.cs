namespace OrtDpo.DemoModel.Topics.Words;

static class Rhymes
{
    static readonly (string Word, string Rhyme)[] Table =
    [
        ("cat", "hat"), ("dog", "fog"), ("house", "mouse"), ("tree", "bee"), ("moon", "spoon"), ("star", "jar"), ("light", "kite"),
        ("rain", "train"),
        ("snow", "crow"), ("cake", "lake"), ("ball", "wall"), ("ring", "king"), ("boat", "goat"), ("bear", "chair"), ("book", "cook"),
        ("frog", "log"), ("bell", "shell"), ("sand", "hand"), ("rose", "nose"), ("sock", "clock"), ("sun", "bun"), ("fish", "dish"),
        ("night", "knight"), ("bread", "bed"), ("cow", "plough"), ("pan", "fan"), ("face", "lace"), ("road", "toad"),
    ];

    public static Topic Topic { get; } = Topic.Of("rhymes", Table, fact => new(
        fact.Word,
        [
            $"Which word rhymes with {fact.Word}?", $"Can you find a rhyme for {fact.Word}?",
            $"I am writing a poem. What rhymes with {fact.Word}?",
            $"Give me a word that rhymes with {fact.Word}.",
        ],
        [
            $"A word that rhymes with {fact.Word} is {fact.Rhyme}.", $"You could use {fact.Rhyme}, which rhymes with {fact.Word}.",
            $"{English.Start(fact.Word)} rhymes with {fact.Rhyme}.",
        ],
        [$"{English.Start(fact.Rhyme)}.", $"Try {fact.Rhyme}."]));
}
