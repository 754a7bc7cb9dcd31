namespace OrtDpo.DemoModel.Topics.Facts;

static class Instruments
{
    static readonly (string Instrument, string Playing)[] Table =
    [
        ("violin", "drawing a bow across the strings"), ("cello", "drawing a bow across the strings"), ("guitar", "plucking the strings"),
        ("harp", "plucking the strings"), ("drum", "beating it with sticks"), ("triangle", "tapping it with a metal rod"),
        ("xylophone", "striking the bars with mallets"), ("flute", "blowing across the hole"), ("trumpet", "blowing with tight lips"),
        ("trombone", "blowing and moving the slide"), ("clarinet", "blowing over the reed"), ("piano", "pressing the keys"),
        ("organ", "pressing keys and pedals"), ("accordion", "squeezing it and pressing the keys"), ("tambourine", "shaking it"),
        ("recorder", "blowing into the top"), ("banjo", "plucking the strings"), ("gong", "striking it with a soft hammer"),
        ("cymbal", "striking it with a stick"), ("bagpipe", "squeezing the bag and fingering the pipe"),
    ];

    public static Topic Topic { get; } = Topic.Of("instruments", Table, fact => new(
        fact.Instrument,
        [
            $"How does one play {English.A(fact.Instrument)}?", $"How do musicians play the {fact.Instrument}?",
            $"What makes {English.A(fact.Instrument)} sound?", $"Explain how to play {English.A(fact.Instrument)}.",
        ],
        [
            $"You play {English.A(fact.Instrument)} by {fact.Playing}.", $"Musicians play the {fact.Instrument} by {fact.Playing}.",
            $"{English.Start(English.A(fact.Instrument))} sounds when somebody plays it by {fact.Playing}.",
        ],
        [$"By {fact.Playing}.", $"{English.Start(fact.Playing)}."]));
}
